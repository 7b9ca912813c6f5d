namespace Weir.ControlPlane.Domain.Access;

/// <summary>What a client sends as <c>user</c>: <c>w_</c> and 26 characters of base32 (130 random bits), unique among all organizations.</summary>
public readonly record struct CredentialId(string Value)
{
    public const string Prefix = "w_";

    public const int Length = 28;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <param name="random">26 random bytes, of which 5 bits each are used.</param>
    public static CredentialId From(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, Length - Prefix.Length);
        Span<char> text = stackalloc char[Length];
        Prefix.CopyTo(text);
        for (var i = 0; i < random.Length; i++)
        {
            text[Prefix.Length + i] = Alphabet[random[i] & 31];
        }

        return new(new string(text));
    }

    public override string ToString() => Value;
}
