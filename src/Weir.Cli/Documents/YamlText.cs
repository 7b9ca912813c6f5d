using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Weir.Cli.Documents;

/// <summary>YAML 1.2 core schema ↔ JSON. Plain scalars become null, booleans and numbers; quoted ones stay text.</summary>
internal static class YamlText
{
    private const int MaxDepth = 64;

    /// <summary>The documents of a stream; empty ones are left out.</summary>
    /// <exception cref="CommandFailure">Not YAML; names file, line and column.</exception>
    public static IReadOnlyList<JsonNode> ReadAll(string source, TextReader reader)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(reader);
            return [.. stream.Documents.Select(d => Convert(d.RootNode, 0, new HashSet<YamlNode>(ReferenceEqualityComparer.Instance))).OfType<JsonNode>()];
        }
        catch (YamlException fault)
        {
            throw new CommandFailure($"{source}:{fault.Start.Line}:{fault.Start.Column}: {fault.Message}", ExitCodes.Usage);
        }
    }

    public static string Write(JsonNode? node)
    {
        var writer = new StringWriter(CultureInfo.InvariantCulture);
        Write(writer, node, 0, inList: false);
        return writer.ToString();
    }

    private static JsonNode? Convert(YamlNode node, int depth, HashSet<YamlNode> seen)
    {
        // An alias is read as the very node that it stands for. A few of them, nested, would unfold to gigabytes.
        if (!seen.Add(node))
        {
            throw new YamlException(node.Start, node.End, "aliases are not supported");
        }

        if (depth > MaxDepth)
        {
            throw new YamlException(node.Start, node.End, "nested too deeply");
        }

        switch (node)
        {
            case YamlMappingNode map:
                var json = new JsonObject();
                foreach (var (key, value) in map.Children)
                {
                    if (key is not YamlScalarNode { Value: { } name })
                    {
                        throw new YamlException(key.Start, key.End, "a key must be a plain word");
                    }

                    if (json.ContainsKey(name))
                    {
                        throw new YamlException(key.Start, key.End, $"the key '{name}' is given twice");
                    }

                    json[name] = Convert(value, depth + 1, seen);
                }

                return json;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(child => Convert(child, depth + 1, seen))]);
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                throw new YamlException(node.Start, node.End, "aliases are not supported");
        }
    }

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => JsonValue.Create(integer),
            _ when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }

    private static void Write(StringWriter writer, JsonNode? node, int indent, bool inList)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                var first = true;
                foreach (var (key, value) in map)
                {
                    writer.Write(first && inList ? "" : new string(' ', indent));
                    first = false;
                    writer.Write(Quote(key));
                    writer.Write(':');
                    Child(writer, value, indent + 2, listIndent: indent);
                }

                break;
            case JsonArray { Count: > 0 } list:
                foreach (var item in list)
                {
                    writer.Write(new string(' ', indent));
                    writer.Write("- ");
                    if (item is JsonObject { Count: > 0 })
                    {
                        Write(writer, item, indent + 2, inList: true);
                    }
                    else if (item is JsonArray { Count: > 0 })
                    {
                        writer.WriteLine();
                        Write(writer, item, indent + 2, inList: false);
                    }
                    else
                    {
                        writer.WriteLine(Inline(item));
                    }
                }

                break;
            default:
                writer.WriteLine(Inline(node));
                break;
        }
    }

    private static void Child(StringWriter writer, JsonNode? value, int indent, int listIndent)
    {
        if (value is JsonObject { Count: > 0 })
        {
            writer.WriteLine();
            Write(writer, value, indent, inList: false);
        }
        else if (value is JsonArray { Count: > 0 })
        {
            writer.WriteLine();
            Write(writer, value, listIndent, inList: false);
        }
        else
        {
            writer.Write(' ');
            writer.WriteLine(Inline(value));
        }
    }

    private static string Inline(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Quote(value.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    /// <summary>Text as a plain scalar where that reads back as the same text, else as a JSON string (which YAML accepts).</summary>
    private static string Quote(string text)
    {
        var isPlain = text.Length > 0 && char.IsLetter(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '@')
            && text.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
        return isPlain ? text : JsonValue.Create(text).ToJsonString();
    }
}
