namespace Weir.Protocol.Postgres.Scram;

/// <summary>One side's contribution to the nonce of an exchange: printable ASCII without comma (RFC 5802 section 5.1).</summary>
public static class ScramNonce
{
    /// <summary>Longest nonce accepted from the other side, in characters.</summary>
    public const int MaxLength = 256;

    /// <param name="random"><see cref="ScramMechanism.NonceLength"/> bytes from a cryptographic generator, never used before.</param>
    public static string Encode(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(random.Length, 16, nameof(random));
        return Convert.ToBase64String(random);
    }

    internal static bool IsValid(ReadOnlySpan<byte> nonce) =>
        !nonce.IsEmpty && nonce.Length <= MaxLength && !nonce.Contains((byte)',') && !nonce.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e);
}
