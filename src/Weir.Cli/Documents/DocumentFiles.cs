using System.Text.Json.Nodes;

namespace Weir.Cli.Documents;

/// <summary>Reads the documents behind <c>-f</c>: a file, a folder (its .yaml, .yml and .json files, by name), or <c>-</c> for standard input.</summary>
internal static class DocumentFiles
{
    private const long MaxBytes = 8 * 1024 * 1024;

    /// <exception cref="CommandFailure">Something can't be read or is no YAML.</exception>
    public static IReadOnlyList<SourceDocument> Read(IEnumerable<string> paths, TextReader input)
    {
        var documents = paths.SelectMany(p => ReadPath(p, input)).ToList();
        return documents.Count > 0 ? documents : throw new CommandFailure("there are no documents in what -f names", ExitCodes.Usage);
    }

    /// <summary>A text file of a command's option; <c>-</c> for standard input.</summary>
    public static string ReadText(string path, TextReader input)
    {
        if (path == "-")
        {
            return ReadAtMost("standard input", input);
        }

        if (!File.Exists(path))
        {
            throw new CommandFailure($"there is no file '{path}'", ExitCodes.Usage);
        }

        try
        {
            using var reader = new StreamReader(path);
            return ReadAtMost(path, reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{path} can't be read: {e.Message}", ExitCodes.Usage);
        }
    }

    private static IEnumerable<SourceDocument> ReadPath(string path, TextReader input)
    {
        if (path == "-")
        {
            return ReadStream("standard input", ReadText(path, input));
        }

        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path)
                .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" or ".json")
                .Order(StringComparer.Ordinal)
                .SelectMany(f => ReadStream(f, ReadText(f, input)));
        }

        return File.Exists(path) ? ReadStream(path, ReadText(path, input)) : throw new CommandFailure($"there is no file or folder '{path}'", ExitCodes.Usage);
    }

    private static IEnumerable<SourceDocument> ReadStream(string source, string text)
    {
        // A list, as 'weir get -o json' prints it, stands for its items.
        var found = YamlText.ReadAll(source, new StringReader(text)).SelectMany(d => d is JsonArray list ? [.. list.Select(i => i?.DeepClone())] : new List<JsonNode?> { d }).ToList();
        for (var i = 0; i < found.Count; i++)
        {
            var name = found.Count == 1 ? source : $"{source}, document {i + 1}";
            yield return found[i] is JsonObject document
                ? new SourceDocument(name, document)
                : throw new CommandFailure($"{name}: a document must be a mapping with apiVersion, kind, metadata and spec", ExitCodes.Usage);
        }
    }

    private static string ReadAtMost(string source, TextReader reader)
    {
        var text = new char[MaxBytes + 1];
        var length = reader.ReadBlock(text, 0, text.Length);
        return length <= MaxBytes ? new string(text, 0, length) : throw new CommandFailure($"{source} is larger than {MaxBytes / 1024 / 1024} MiB", ExitCodes.Usage);
    }
}
