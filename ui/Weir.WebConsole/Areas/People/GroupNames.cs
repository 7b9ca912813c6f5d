namespace Weir.WebConsole.Areas.People;

/// <summary>Names of groups as they are typed: separated by commas.</summary>
internal static class GroupNames
{
    public static IReadOnlyList<string> Read(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];

    public static string Write(IEnumerable<string> names) => string.Join(", ", names);
}
