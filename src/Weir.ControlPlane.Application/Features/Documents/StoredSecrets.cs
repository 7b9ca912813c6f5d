using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>Takes the values of stored secrets out of a document on its way in.</summary>
internal static class StoredSecrets
{
    public const string Password = "password";
    public const string ReadOnlyPassword = "readOnlyPassword";
    public const string ClientCertificate = "clientCertificate";
    public const string ClientKey = "clientKey";
    public const string ReadOnlyClientCertificate = "readOnlyClientCertificate";
    public const string ReadOnlyClientKey = "readOnlyClientKey";

    /// <summary>The document without values, and for each stored secret its slot and value; an empty value keeps the one that is there.</summary>
    public static (PolicyDocument Document, IReadOnlyList<(string Slot, string Value)> Secrets) Split(PolicyDocument document)
    {
        if (document is not ConnectionDocument connection)
        {
            return (document, []);
        }

        var secrets = new List<(string, string)>();
        var upstream = connection.Upstream;
        upstream = upstream with
        {
            Password = Take(upstream.Password, Password),
            ClientCertificate = TakeBoth(upstream.ClientCertificate, ClientCertificate, ClientKey),
        };
        if (upstream.ReadOnlyUser is { } readOnly)
        {
            upstream = upstream with
            {
                ReadOnlyUser = readOnly with
                {
                    Password = Take(readOnly.Password, ReadOnlyPassword),
                    ClientCertificate = TakeBoth(readOnly.ClientCertificate, ReadOnlyClientCertificate, ReadOnlyClientKey),
                },
            };
        }

        return (connection with { Upstream = upstream }, secrets);

        UpstreamCertificate? TakeBoth(UpstreamCertificate? given, string certificate, string key) =>
            given is null ? null : new UpstreamCertificate(Take(given.Certificate, certificate)!, Take(given.Key, key)!);

        SecretReference? Take(SecretReference? reference, string slot)
        {
            if (reference is not { Source: SecretSource.Stored })
            {
                return reference;
            }

            secrets.Add((slot, reference.Reference));
            return reference with { Reference = "" };
        }
    }

    /// <summary>Where in the document a slot's secret stands.</summary>
    public static string PathOf(string slot) => slot switch
    {
        ReadOnlyPassword => "spec.upstream.readOnly.password.stored",
        ReadOnlyClientCertificate => "spec.upstream.readOnly.clientCertificate.stored",
        ReadOnlyClientKey => "spec.upstream.readOnly.clientKey.stored",
        _ => $"spec.upstream.{slot}.stored",
    };

    /// <summary>The context a value is encrypted under.</summary>
    public static string ContextOf(Guid documentId, string slot) => $"document-secret:{documentId}:{slot}";
}
