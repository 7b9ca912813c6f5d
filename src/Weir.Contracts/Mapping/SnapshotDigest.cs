using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Weir.Contracts.Agent.V1;

namespace Weir.Contracts.Mapping;

/// <summary>
/// SHA-256 over what a snapshot decides by: its documents (sorted by kind and name; each with kind, name, sorted labels and spec) and its settings, every
/// part preceded by its length as <c>u32</c> big-endian. The version is not in it, so equal policies have equal digests; stored secrets and the masking key are not either,
/// because a digest is public and a password can be guessed.
/// </summary>
public static class SnapshotDigest
{
    public static byte[] Compute(PolicySnapshot snapshot)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, "weir snapshot 1");
        Add(hash, snapshot.Documents.Count);
        foreach (var document in snapshot.Documents.OrderBy(d => d.Kind, StringComparer.Ordinal).ThenBy(d => d.Name, StringComparer.Ordinal))
        {
            Add(hash, document.Kind);
            Add(hash, document.Name);
            Add(hash, document.Labels.Count);
            foreach (var (key, value) in document.Labels.OrderBy(l => l.Key, StringComparer.Ordinal))
            {
                Add(hash, key);
                Add(hash, value);
            }

            Add(hash, document.Spec.Span);
        }

        var settings = snapshot.Settings ?? new Settings();
        Add(hash, settings.MaxAge?.Seconds ?? 0);
        Add(hash, settings.MaxAge?.Nanos ?? 0);
        Add(hash, settings.MaxAgeServiceAccounts?.Seconds ?? 0);
        Add(hash, settings.MaxAgeServiceAccounts?.Nanos ?? 0);
        Add(hash, settings.RecordedRows);
        Add(hash, settings.RecordedBytes);
        Add(hash, settings.ConsoleUrl);
        return hash.GetHashAndReset();
    }

    /// <summary>Whether the snapshot carries its own digest.</summary>
    public static bool Matches(PolicySnapshot snapshot) => CryptographicOperations.FixedTimeEquals(Compute(snapshot), snapshot.Digest.Span);

    private static void Add(IncrementalHash hash, string text) => Add(hash, Encoding.UTF8.GetBytes(text));

    private static void Add(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        Add(hash, bytes);
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
