using System.Text.Json;
using Weir.Testing;

namespace Weir.Sql.Tests;

/// <summary>The statements of the evasion and masking corpora. Optional on a developer's machine, required under CI=true.</summary>
internal static class Corpus
{
    public static bool IsPresent => Directory is not null;

    private static string? Directory { get; } = Find();

    /// <summary>Every SQL text of every case, set-up and protocol step; also some words that are none.</summary>
    public static IEnumerable<string> Statements()
    {
        if (Directory is null)
            yield break;
        foreach (string file in (string[])["evasion.jsonl", "masking.jsonl"])
        {
            foreach (string line in File.ReadLines(Path.Combine(Directory, file)))
            {
                using var document = JsonDocument.Parse(line);
                foreach (JsonProperty property in document.RootElement.EnumerateObject().Where(p => p.Name is "sql" or "setup" or "steps" or "probe"))
                {
                    foreach (string text in Texts(property.Value))
                        yield return text;
                }
            }
        }
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Texts(p.Value)),
        _ => [],
    };

    private static string? Find() => SharedCorpus.Locate("corpus")
        ?? (Environment.GetEnvironmentVariable("CI") == "true"
            ? throw new DirectoryNotFoundException("The corpora are not beside the checkout, and CI=true.")
            : null);
}
