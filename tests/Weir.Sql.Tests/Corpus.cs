using System.Text.Json;

namespace Weir.Sql.Tests;

/// <summary>
/// The statements of the evasion and masking corpora, which lie in <c>shared/corpus</c> beside the checkout (or where
/// WEIR_SHARED points). Optional on a developer's machine, required under CI=true.
/// </summary>
internal static class Corpus
{
    public static bool IsPresent => Directory is not null;

    private static string? Directory { get; } = Find();

    /// <summary>Every SQL text of every case, set-up and protocol step.</summary>
    public static IEnumerable<string> Statements()
    {
        if (Directory is null)
            yield break;
        foreach (string file in (string[])["evasion.jsonl", "masking.jsonl"])
        {
            foreach (string line in File.ReadLines(Path.Combine(Directory, file)))
            {
                using var document = JsonDocument.Parse(line);
                foreach (string text in Texts(document.RootElement))
                    yield return text;
            }
        }
    }

    private static IEnumerable<string> Texts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                yield return element.GetString()!;
                break;
            case JsonValueKind.Array:
                foreach (string text in element.EnumerateArray().SelectMany(Texts))
                    yield return text;
                break;
            case JsonValueKind.Object:
                foreach (string text in element.EnumerateObject()
                    .Where(p => p.Name is "sql" or "setup" or "steps" or "probe" || element.TryGetProperty("steps", out _) is false && !element.TryGetProperty("id", out _))
                    .SelectMany(p => Texts(p.Value)))
                    yield return text;
                break;
            default:
                break;
        }
    }

    private static string? Find()
    {
        string? root = Environment.GetEnvironmentVariable("WEIR_SHARED");
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); root is null && folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln")))
                root = Path.Combine(folder.FullName, "..", "shared");
        }

        string corpus = Path.Combine(root ?? "shared", "corpus");
        if (File.Exists(Path.Combine(corpus, "evasion.jsonl")))
            return corpus;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            throw new DirectoryNotFoundException("The corpora are not beside the checkout, and CI=true.");
        return null;
    }
}
