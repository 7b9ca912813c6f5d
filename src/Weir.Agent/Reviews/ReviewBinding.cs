using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Agent.Reviews;

/// <summary>
/// What an approval is bound to: HMAC-SHA-256, under a key of this agent, over exact text, exact parameters, principal, connection, surroundings and the digest of the
/// rules that applied, each preceded by its length. Keyed, so that the control plane cannot learn short texts or parameters by guessing.
/// </summary>
internal static class ReviewBinding
{
    public static byte[] Compute(ReadOnlySpan<byte> key, ReviewDraft draft)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Add(hmac, "weir review binding 1"u8);
        Add(hmac, draft.ExactText.Span);
        Add(hmac, draft.ExactParameters.Span);
        return Finish(hmac, draft);
    }

    /// <summary>What an approval for a while is bound to: as above, with the shape in place of text and parameters.</summary>
    public static byte[] ComputeShape(ReadOnlySpan<byte> key, ReviewDraft draft, ReviewShape shape)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Add(hmac, "weir review shape binding 1"u8);
        Add(hmac, shape.Key.Span);
        return Finish(hmac, draft);
    }

    private static byte[] Finish(IncrementalHash hmac, ReviewDraft draft)
    {
        Add(hmac, draft.Principal.Id.ToByteArray(bigEndian: true));
        Add(hmac, Encoding.UTF8.GetBytes(draft.Connection));
        Add(hmac, Encoding.UTF8.GetBytes(draft.Surroundings));
        Add(hmac, draft.DecisionDigest.Span);
        return hmac.GetHashAndReset();
    }

    private static void Add(IncrementalHash hmac, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)part.Length);
        hmac.AppendData(length);
        hmac.AppendData(part);
    }
}
