using System.Text.Json.Nodes;

namespace Weir.Cli.Documents;

/// <summary>Reads the documents behind <c>-f</c>: a file, a folder (its .yaml, .yml and .json files, by name), or <c>-</c> for standard input.</summary>
internal static class DocumentFiles
{
    private const long MaxBytes = 8 * 1024 * 1024;

    /// <exception cref="CommandFailure">Something can't be read or is no YAML.</exception>
    public static JsonArray Read(IEnumerable<string> paths)
    {
        var documents = new JsonArray();
        foreach (var path in paths)
        {
            foreach (var (source, document) in ReadPath(path))
            {
                if (document is not JsonObject)
                {
                    throw new CommandFailure($"{source}: a document must be a mapping with apiVersion, kind, metadata and spec", ExitCodes.Usage);
                }

                documents.Add(document);
            }
        }

        return documents.Count > 0 ? documents : throw new CommandFailure("there are no documents in what -f names", ExitCodes.Usage);
    }

    private static IEnumerable<(string Source, JsonNode Document)> ReadPath(string path)
    {
        if (path == "-")
        {
            return YamlText.ReadAll("standard input", Console.In).Select(d => ("standard input", d));
        }

        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path)
                .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" or ".json")
                .Order(StringComparer.Ordinal)
                .SelectMany(ReadFile);
        }

        return File.Exists(path) ? ReadFile(path) : throw new CommandFailure($"there is no file or folder '{path}'", ExitCodes.Usage);
    }

    private static IEnumerable<(string Source, JsonNode Document)> ReadFile(string file)
    {
        if (new FileInfo(file).Length > MaxBytes)
        {
            throw new CommandFailure($"{file} is larger than {MaxBytes / 1024 / 1024} MiB", ExitCodes.Usage);
        }

        using var reader = new StreamReader(file);
        return YamlText.ReadAll(file, reader).Select(d => (file, d));
    }
}
