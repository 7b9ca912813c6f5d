using System.Security.Cryptography;
using System.Text;

namespace Weir.ControlPlane.Application.Secrets;

/// <summary>AES-256-GCM: version (1 byte, 1) · nonce (12) · tag (16) · ciphertext. The context is authenticated, so that a value can't be moved to another place.</summary>
internal static class SealedBox
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + NonceLength + TagLength;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, string context)
    {
        var box = new byte[HeaderLength + plaintext.Length];
        box[0] = Version;
        var nonce = box.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plaintext, box.AsSpan(HeaderLength), box.AsSpan(1 + NonceLength, TagLength), Encoding.UTF8.GetBytes(context));
        return box;
    }

    /// <exception cref="CryptographicException">Another key, another context, or changed bytes.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, string context)
    {
        if (box.Length < HeaderLength || box[0] != Version)
        {
            throw new CryptographicException("This is no sealed value.");
        }

        var plaintext = new byte[box.Length - HeaderLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(box.Slice(1, NonceLength), box[HeaderLength..], box.Slice(1 + NonceLength, TagLength), plaintext, Encoding.UTF8.GetBytes(context));
        return plaintext;
    }
}
