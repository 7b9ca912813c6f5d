using Weir.Policy.Documents;

namespace Weir.Agent.Policies;

/// <summary>Finds upstream secrets in the environment, in files and in the snapshot, anew each time, so that a rotated one is used at the next login.</summary>
internal sealed class SecretResolver(StoredSecrets stored, Func<string, string?> environment) : ISecretResolver
{
    private const int MaxFileBytes = 64 * 1024;

    public async ValueTask<SecretValue> ResolveAsync(string connection, SecretReference reference, UpstreamSecret use, CancellationToken cancellationToken) => reference.Source switch
    {
        SecretSource.Env => FromEnvironment(connection, reference.Reference),
        SecretSource.File => await FromFileAsync(connection, reference.Reference, cancellationToken).ConfigureAwait(false),
        SecretSource.Stored => stored.Find(connection, use) is { } value
            ? SecretValue.FromText(value)
            : throw new SecretUnavailableException($"Connection {connection}: no {NameOf(use)} is stored for it."),
        _ => throw new SecretUnavailableException($"Connection {connection}: secrets from {NameOf(reference.Source)} are not supported by this agent."),
    };

    private static string NameOf(UpstreamSecret use) => use switch
    {
        UpstreamSecret.ReadOnlyPassword => "password of the read-only role",
        UpstreamSecret.ClientCertificate => "client certificate",
        UpstreamSecret.ClientKey => "key of the client certificate",
        UpstreamSecret.ReadOnlyClientCertificate => "client certificate of the read-only role",
        UpstreamSecret.ReadOnlyClientKey => "key of the read-only role's client certificate",
        _ => "password",
    };

    private static string NameOf(SecretSource source) => source switch
    {
        SecretSource.Vault => "vault",
        SecretSource.AwsSecretsManager => "aws-secretsmanager",
        SecretSource.RdsIam => "rds-iam",
        _ => source.ToString(),
    };

    private SecretValue FromEnvironment(string connection, string name)
    {
        // The agent's own settings are nobody's database password: a policy must not be able to send them to a server of its choice.
        if (name.StartsWith("WEIR_", StringComparison.Ordinal))
            throw new SecretUnavailableException($"Connection {connection}: {name} is a setting of Weir, not a database password.");
        return environment(name) is { Length: > 0 } value
            ? SecretValue.FromText(value)
            : throw new SecretUnavailableException($"Connection {connection}: the environment variable {name} is not set on the agent.");
    }

    private static async ValueTask<SecretValue> FromFileAsync(string connection, string path, CancellationToken cancellationToken)
    {
        if (!Path.IsPathRooted(path))
            throw new SecretUnavailableException($"Connection {connection}: {path} is not an absolute path.");
        try
        {
            var info = new FileInfo(path);
            if (info.Exists && (info.Attributes & FileAttributes.Device) != 0)
                throw new SecretUnavailableException($"Connection {connection}: {path} is not a file.");
            if (info.Length > MaxFileBytes)
                throw new SecretUnavailableException($"Connection {connection}: {path} is larger than {MaxFileBytes} bytes.");
            var content = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            var length = content.AsSpan().TrimEnd("\r\n"u8).Length;
            if (length == 0)
                throw new SecretUnavailableException($"Connection {connection}: {path} is empty.");
            return new SecretValue(content[..length]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SecretUnavailableException($"Connection {connection}: {path} can't be read on the agent ({exception.GetType().Name}).");
        }
    }
}
