using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using Weir.Policy.Documents.Reading;

namespace Weir.Policy.Documents;

/// <summary>Reads declarative documents. All of a document is right, or nothing of it is taken.</summary>
public static class DocumentReader
{
    public const string ApiVersion = "weir/v1";

    /// <summary>Largest document, in bytes of its JSON text.</summary>
    public const int MaxBytes = 256 * 1024;

    private const string Kinds = "Connection, Guardrail, GuardrailPack, MaskingRule, AccessRule";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32 };

    /// <summary>Reads one whole document: <c>{ apiVersion, kind, metadata, spec }</c>.</summary>
    /// <param name="faults">Everything that is wrong with it; empty on success.</param>
    public static bool TryRead(JsonElement document, [NotNullWhen(true)] out PolicyDocument? read, out ImmutableArray<DocumentFault> faults)
    {
        var found = ImmutableArray.CreateBuilder<DocumentFault>();
        read = null;
        if (document.ValueKind == JsonValueKind.Object && JsonMarshal.GetRawUtf8Value(document).Length > MaxBytes)
        {
            found.Add(new DocumentFault("", $"is larger than {MaxBytes / 1024} KiB"));
        }
        else
        {
            var root = new FieldReader(document, "", found);
            if (document.ValueKind == JsonValueKind.Object)
                read = ReadRoot(root);
        }

        return Finish(found, ref read, out faults);
    }

    /// <summary>Reads a document that travels in parts, as in a snapshot: kind, name, labels, and the UTF-8 JSON of its spec.</summary>
    public static bool TryRead(
        string kind,
        string name,
        IEnumerable<KeyValuePair<string, string>> labels,
        ReadOnlyMemory<byte> spec,
        [NotNullWhen(true)] out PolicyDocument? read,
        out ImmutableArray<DocumentFault> faults)
    {
        var found = ImmutableArray.CreateBuilder<DocumentFault>();
        read = null;
        if (spec.Length > MaxBytes)
        {
            found.Add(new DocumentFault("spec", $"is larger than {MaxBytes / 1024} KiB"));
            return Finish(found, ref read, out faults);
        }

        try
        {
            using var json = JsonDocument.Parse(spec, Strict);
            CheckName(name, "metadata.name", found);
            var metadata = new DocumentMetadata(name, labels.ToImmutableSortedDictionary(StringComparer.Ordinal));
            read = ReadSpec(kind, metadata, new FieldReader(json.RootElement, "spec", found), "kind");
        }
        catch (JsonException e)
        {
            found.Add(new DocumentFault("spec", $"is not JSON (line {e.LineNumber}, byte {e.BytePositionInLine})"));
        }

        return Finish(found, ref read, out faults);
    }

    private static PolicyDocument? ReadRoot(FieldReader root)
    {
        string version = root.RequiredString("apiVersion", ApiVersion);
        if (version.Length > 0 && version != ApiVersion)
            root.Fault("apiVersion", $"unknown version '{FieldReader.Shorten(version)}': {ApiVersion}");
        string kind = root.RequiredString("kind", $"one of {Kinds}");

        string name = "";
        var labels = ImmutableSortedDictionary<string, string>.Empty;
        if (root.Object("metadata") is { } metadata)
        {
            name = metadata.RequiredString("name", "a name that is unique among documents of this kind");
            if (name.Length > 0)
                CheckName(name, "metadata.name", root.Faults);
            labels = metadata.StringMap("labels");
            metadata.RejectUnknown();
        }
        else
        {
            root.Fault("metadata", "is missing: { name: … }");
        }

        var spec = root.Object("spec");
        if (spec is null)
            root.Fault("spec", "is missing");
        root.RejectUnknown();
        if (kind.Length == 0 || spec is null)
            return null;
        return ReadSpec(kind, new DocumentMetadata(name, labels), spec, "kind");
    }

    private static PolicyDocument? ReadSpec(string kind, DocumentMetadata metadata, FieldReader spec, string kindPath)
    {
        PolicyDocument? read;
        switch (kind)
        {
            case ConnectionDocument.KindName:
                read = ConnectionFields.Read(metadata, spec);
                break;
            case GuardrailDocument.KindName:
                read = GuardrailFields.Read(metadata, spec);
                break;
            case GuardrailPackDocument.KindName:
                read = RuleFields.ReadPack(metadata, spec);
                break;
            case MaskingRuleDocument.KindName:
                read = RuleFields.ReadMaskingRule(metadata, spec);
                break;
            case AccessRuleDocument.KindName:
                read = RuleFields.ReadAccessRule(metadata, spec);
                break;
            default:
                spec.Fault(kindPath, $"unknown kind '{FieldReader.Shorten(kind)}': one of {Kinds}");
                return null;
        }

        spec.RejectUnknown();
        return read;
    }

    private static void CheckName(string name, string path, ImmutableArray<DocumentFault>.Builder faults)
    {
        bool isRight = name.Length is >= 1 and <= 63
            && name[0] != '-'
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        if (!isRight)
            faults.Add(new DocumentFault(path, $"'{FieldReader.Shorten(name)}' is not a name: 1 to 63 characters of a-z, 0-9 and -, starting with a letter or digit"));
    }

    private static bool Finish(ImmutableArray<DocumentFault>.Builder found, [NotNullWhen(true)] ref PolicyDocument? read, out ImmutableArray<DocumentFault> faults)
    {
        faults = found.ToImmutable();
        if (faults.IsEmpty && read is not null)
            return true;
        read = null;
        return false;
    }
}
