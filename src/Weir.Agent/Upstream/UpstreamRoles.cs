using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weir.Agent.Policies;
using Weir.Policy.Documents;

namespace Weir.Agent.Upstream;

/// <summary>
/// Finds password and client certificate of a connection's roles, anew for each login: what was changed counts at the next one. What is made of a certificate is kept as long as it stays the
/// same. Thread-safe.
/// </summary>
internal sealed class UpstreamRoles(ISecretResolver secrets)
{
    private const int MaxKept = 1_024;

    private readonly ConcurrentDictionary<(string Connection, bool ReadOnly), Kept> _kept = new();

    /// <param name="readOnly">Its role without write rights is meant, where it has one.</param>
    /// <exception cref="SecretUnavailableException">Something is missing, can't be read, or is no certificate with its key.</exception>
    public async Task<UpstreamRoleSecrets> ResolveAsync(string connection, UpstreamSpec upstream, bool readOnly, CancellationToken cancellationToken)
    {
        var second = readOnly ? upstream.ReadOnlyUser : null;
        var isSecond = second is not null;
        var password = await FindAsync(isSecond ? second!.Password : upstream.Password, isSecond ? UpstreamSecret.ReadOnlyPassword : UpstreamSecret.Password).ConfigureAwait(false);
        var shown = isSecond ? second!.ClientCertificate : upstream.ClientCertificate;
        SslStreamCertificateContext? context = null;
        if (shown is not null)
        {
            var certificate = await FindAsync(shown.Certificate, isSecond ? UpstreamSecret.ReadOnlyClientCertificate : UpstreamSecret.ClientCertificate).ConfigureAwait(false);
            var key = await FindAsync(shown.Key, isSecond ? UpstreamSecret.ReadOnlyClientKey : UpstreamSecret.ClientKey).ConfigureAwait(false);
            context = Read(connection, isSecond, certificate!, key!);
        }

        return new UpstreamRoleSecrets(isSecond ? second!.User : upstream.User, password, context);

        async Task<string?> FindAsync(SecretReference? reference, UpstreamSecret use)
        {
            if (reference is null)
                return null;
            using var value = await secrets.ResolveAsync(connection, reference, use, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(value.Utf8);
        }
    }

    private SslStreamCertificateContext Read(string connection, bool isSecond, string certificate, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(certificate + "\0" + key));
        if (_kept.TryGetValue((connection, isSecond), out var kept) && CryptographicOperations.FixedTimeEquals(kept.Hash, hash))
            return kept.Context;
        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificate, key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            var context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
            if (_kept.Count < MaxKept)
                _kept[(connection, isSecond)] = new Kept(hash, context);
            return context;
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new SecretUnavailableException($"Connection {connection}: the client certificate and its key are not a PEM certificate with its own, unencrypted key.");
        }
    }

    private sealed record Kept(byte[] Hash, SslStreamCertificateContext Context);
}
