using System.Text;
using Weir.Sql.Catalog;

namespace Weir.Cli.Policies;

/// <summary>
/// A database's catalog in a file, for verdicts that are exactly an agent's: the answers to the agent's own catalog queries. psql writes it by
/// <see cref="Script"/>, so that no password ever passes through here. Each section begins with a line <c>\section NAME</c>, which COPY's text format
/// can't produce; its rows follow in that format (PostgreSQL manual, COPY, "Text Format").
/// </summary>
internal static class CatalogFile
{
    private const string Mark = "\\section ";
    private const string Epoch = "Epoch";
    private const string End = "End";

    /// <summary>What psql runs, with <c>-XqAt</c>, to write the file.</summary>
    public static string Script()
    {
        var script = new StringBuilder();
        script.Append("\\set ON_ERROR_STOP on\n").Append(CatalogQueries.Prepare).Append(";\n").Append(CatalogQueries.Begin).Append(";\n");
        Section(script, Epoch, CatalogQueries.Probe);
        foreach (var query in CatalogQueries.All)
        {
            Section(script, query.Section.ToString(), query.Sql);
        }

        return script.Append(CatalogQueries.End).Append(";\n\\echo '\\").Append(Mark).Append(End).Append("'\n").ToString();
    }

    /// <exception cref="CommandFailure">The file is no catalog, or not all of one.</exception>
    public static CatalogSnapshot Read(string path)
    {
        var builder = new CatalogSnapshotBuilder();
        var (section, epoch, isWhole) = ("", "", false);
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                if (line.StartsWith(Mark, StringComparison.Ordinal))
                {
                    section = line[Mark.Length..];
                    isWhole = section == End;
                }
                else if (section == Epoch)
                {
                    epoch = line;
                }
                else
                {
                    builder.Add(SectionOf(section, path), Row(line));
                }
            }

            return isWhole ? builder.Build(epoch) : throw new FormatException("it ends too early");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new CommandFailure($"{path} is no whole catalog: {e.Message} Make it with: weir policy catalog | psql -XqAt URL > FILE", ExitCodes.Usage);
        }
    }

    private static void Section(StringBuilder script, string name, string query) =>
        script.Append("\\echo '\\").Append(Mark).Append(name).Append("'\nCOPY (").Append(query.Trim().TrimEnd(';')).Append(") TO STDOUT;\n");

    private static CatalogSection SectionOf(string name, string path) =>
        Enum.TryParse<CatalogSection>(name, out var section) && Enum.IsDefined(section) && name.All(char.IsLetter)
            ? section
            : throw new CommandFailure($"{path} is no catalog of this version of weir", ExitCodes.Usage);

    private static string?[] Row(string line) => [.. line.Split('\t').Select(v => v == "\\N" ? null : Unescape(v))];

    private static string Unescape(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
        {
            return value;
        }

        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            text.Append(value[i] != '\\' || i + 1 == value.Length ? value[i] : value[++i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\v',
                var other => other,
            });
        }

        return text.ToString();
    }
}
