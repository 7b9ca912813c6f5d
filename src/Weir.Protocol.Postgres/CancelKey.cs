using System.Security.Cryptography;

namespace Weir.Protocol.Postgres;

/// <summary>
/// What a CancelRequest must present: the process id and the secret of BackendKeyData. Four bytes of secret in protocol 3.0, 4 to 256
/// in 3.2 (PostgreSQL manual, "Message Formats"). Equality compares the secret in constant time; the text form never shows it.
/// </summary>
public sealed class CancelKey : IEquatable<CancelKey>
{
    public const int MinSecretLength = 4;
    public const int MaxSecretLength = 256;

    private readonly byte[] _secret;

    /// <exception cref="ArgumentOutOfRangeException">The secret is not 4 to 256 bytes long.</exception>
    public CancelKey(int processId, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinSecretLength, nameof(secret));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MaxSecretLength, nameof(secret));
        ProcessId = processId;
        _secret = secret.ToArray();
    }

    public int ProcessId { get; }

    public ReadOnlySpan<byte> Secret => _secret;

    public bool Matches(int processId, ReadOnlySpan<byte> secret) =>
        CryptographicOperations.FixedTimeEquals(_secret, secret) & processId == ProcessId;

    public bool Equals(CancelKey? other) => other is not null && Matches(other.ProcessId, other._secret);

    public override bool Equals(object? obj) => Equals(obj as CancelKey);

    /// <summary>By process id only: a hash of the secret would leak through timing of a look-up.</summary>
    public override int GetHashCode() => ProcessId;

    public override string ToString() => $"CancelKey {{ ProcessId = {ProcessId} }}";
}
