using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Weir.Policy.Documents.Reading;

/// <summary>Reads the spec of a Connection.</summary>
internal static class ConnectionFields
{
    private const string ClientCertificate = "clientCertificate";
    private const string ClientKey = "clientKey";

    private const int MaxReference = 4_000;

    /// <summary>Characters of a stored certificate or key: a chain of a few RSA certificates.</summary>
    private const int MaxPem = 32_000;

    private static readonly ImmutableArray<string> SessionAttributes = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];

    public static ConnectionDocument Read(DocumentMetadata metadata, FieldReader spec)
    {
        string protocol = spec.String("protocol") ?? "postgres";
        if (protocol != "postgres")
            spec.Fault(spec.At("protocol"), $"unknown protocol '{FieldReader.Shorten(protocol)}': postgres");

        var agents = new AgentSelector([], ImmutableSortedDictionary<string, string>.Empty);
        if (spec.Object("agents") is { } selector)
        {
            agents = new AgentSelector(selector.StringList("names"), selector.StringMap("labels"));
            selector.RejectUnknown();
            if (agents.Names.IsEmpty && agents.Labels.IsEmpty)
                selector.Fault(selector.Path, "selects nothing: give names or labels, or leave it out to mean every agent");
        }

        var upstream = spec.Object("upstream");
        if (upstream is null)
            spec.Fault(spec.At("upstream"), "is missing: host, port, database, user and password of the database");
        return new ConnectionDocument(metadata, protocol, agents, upstream is null ? Placeholder : ReadUpstream(upstream), spec.Boolean("allowReplication"));
    }

    private static UpstreamSpec Placeholder => new("", 5432, "", UpstreamTls.Prefer, null, "", null, null);

    private static UpstreamSpec ReadUpstream(FieldReader fields)
    {
        var read = new UpstreamSpec(
            fields.RequiredString("host", "name or address of the database server"),
            (int)(fields.Integer("port", 1, 65_535) ?? 5432),
            fields.RequiredString("database", "name of the database on the server", 63),
            fields.Enum("tls", DocumentNames.UpstreamTls) ?? UpstreamTls.Prefer,
            fields.String("tlsCaFile", 4_000),
            fields.RequiredString("user", "role to log in as", 63),
            Secret(fields, "password"),
            ReadOnlyRole(fields),
            fields.String("targetSessionAttributes") ?? "any",
            Certificate(fields));
        if (!SessionAttributes.Contains(read.TargetSessionAttributes))
        {
            fields.Fault(
                fields.At("targetSessionAttributes"),
                $"unknown value '{FieldReader.Shorten(read.TargetSessionAttributes)}': one of {string.Join(", ", SessionAttributes)}");
        }

        // A certificate that is shown only when the server happens to speak TLS would be a login that depends on whoever is in between.
        if ((read.ClientCertificate ?? read.ReadOnlyUser?.ClientCertificate) is not null && read.Tls is not (UpstreamTls.Require or UpstreamTls.VerifyFull))
            fields.Fault(fields.At(ClientCertificate), "needs tls: require or verify-full");
        fields.RejectUnknown();
        return read;
    }

    private static UpstreamRole? ReadOnlyRole(FieldReader upstream)
    {
        if (upstream.Object("readOnly") is not { } fields)
            return null;
        var role = new UpstreamRole(fields.RequiredString("user", "role without write rights", 63), Secret(fields, "password"), Certificate(fields));
        fields.RejectUnknown();
        return role;
    }

    private static UpstreamCertificate? Certificate(FieldReader owner)
    {
        var certificate = Secret(owner, ClientCertificate, MaxPem);
        var key = Secret(owner, ClientKey, MaxPem);
        foreach (var (reference, name) in new[] { (certificate, ClientCertificate), (key, ClientKey) })
        {
            if (reference is { Source: not (SecretSource.Env or SecretSource.File or SecretSource.Stored) })
                owner.Fault(owner.At(name), "comes from env, file or stored");
        }

        if (certificate is null != key is null)
            owner.Fault(owner.At(certificate is null ? ClientCertificate : ClientKey), $"is missing: {ClientCertificate} and {ClientKey} belong together");
        return certificate is null || key is null ? null : new UpstreamCertificate(certificate, key);
    }

    /// <summary>
    /// One key that says where the secret is. A stored one comes in with its value (<c>{stored: "…"}</c>) and goes out without
    /// (<c>{stored: {}}</c>, which means: keep what is stored).
    /// </summary>
    /// <param name="most">Characters of a stored value.</param>
    private static SecretReference? Secret(FieldReader owner, string name, int most = MaxReference)
    {
        if (owner.Object(name) is not { } fields)
            return null;
        SecretReference? found = null;
        int given = 0;
        foreach (var kind in Enum.GetValues<SecretSource>())
        {
            string source = DocumentNames.SecretSource.NameOf(kind);
            if (!fields.TryGet(source, out var value))
                continue;
            given++;
            found = new SecretReference(kind, Reference(fields, source, kind, value, most));
        }

        fields.RejectUnknown();
        if (given != 1 && fields.Faults.Count == 0)
            fields.Fault(fields.Path, $"give exactly one of {DocumentNames.SecretSource.All}");
        return found;
    }

    private static string Reference(FieldReader fields, string source, SecretSource kind, JsonElement value, int most)
    {
        bool isMark = value.ValueKind == JsonValueKind.True
            || (value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().MoveNext());
        if (isMark && (kind is SecretSource.Stored or SecretSource.RdsIam))
            return "";
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Length <= (kind == SecretSource.Stored ? most : MaxReference))
            return text;

        // Never quotes the value: it may be the secret.
        fields.Fault(
            fields.At(source),
            kind == SecretSource.Stored
                ? $"is not {(most == MaxPem ? "PEM text" : "a password")}: a string of 1 to {most.ToString("N0", CultureInfo.InvariantCulture)} characters, or {{}} to keep what is stored"
                : "is not a reference: a string of 1 to 4,000 characters");
        return "";
    }
}
