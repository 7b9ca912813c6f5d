using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Weir.Agent.Recording;

/// <summary>
/// SHA-256 of events. Events are short, and the framework's call costs several times the hash itself (OpenSSL's EVP layer makes, fills and frees a context for each). Where
/// OpenSSL 3 is there, as it is wherever the framework's own cryptography works, its SHA256_* functions are called instead; they use the processor's instructions too.
/// </summary>
internal static unsafe class EventDigest
{
    public const int Size = 32;

    // sizeof(SHA256_CTX) is 112 (openssl/sha.h).
    private const int ContextSize = 128;

    /// <summary>Longer data are given to the framework: the calls below keep the collector waiting.</summary>
    private const int MaxDirect = 4 * 1024;

    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, int> Initialize;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int> Update;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int> Finish;

#pragma warning disable CA1810 // The functions belong together: all of them or none.
    static EventDigest()
#pragma warning restore CA1810
    {
        if (!NativeLibrary.TryLoad("libcrypto.so.3", out var library)
            || !NativeLibrary.TryGetExport(library, "SHA256_Init", out var initialize)
            || !NativeLibrary.TryGetExport(library, "SHA256_Update", out var update)
            || !NativeLibrary.TryGetExport(library, "SHA256_Final", out var finish))
        {
            return;
        }

        Initialize = (delegate* unmanaged[SuppressGCTransition]<byte*, int>)initialize;
        Update = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int>)update;
        Finish = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int>)finish;
    }

    /// <param name="hash">Of <see cref="Size"/> bytes.</param>
    public static void Compute(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        if (Initialize == null || data.Length > MaxDirect)
        {
            SHA256.HashData(data, hash);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, Size);
        var context = stackalloc byte[ContextSize];
        fixed (byte* bytes = data)
        fixed (byte* result = hash)
        {
            if (Initialize(context) == 1 && Update(context, bytes, (nuint)data.Length) == 1 && Finish(result, context) == 1)
                return;
        }

        throw new CryptographicException("SHA-256 failed.");
    }
}
