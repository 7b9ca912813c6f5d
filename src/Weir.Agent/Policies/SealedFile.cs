using System.Security.Cryptography;
using System.Text;
using Weir.Agent.Configuration;

namespace Weir.Agent.Policies;

/// <summary>
/// A state file, encrypted and authenticated with AES-256-GCM under a key that is derived from the agent's identity key. Layout: 8 bytes magic, 12 bytes nonce,
/// 16 bytes tag, ciphertext; the file's name is authenticated with it. A copy of the file alone is worth nothing; whoever can read the identity key beside it can read both.
/// </summary>
internal sealed class SealedFile(DataDirectory directory, string name, byte[] key)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly string _path = directory.PathOf(name);
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public static ReadOnlySpan<byte> Magic => "WEIRSF1\n"u8;

    public void Write(ReadOnlySpan<byte> content, bool isDurable = true)
    {
        var file = new byte[Magic.Length + NonceSize + TagSize + content.Length];
        Magic.CopyTo(file);
        var nonce = file.AsSpan(Magic.Length, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagSize);
        cipher.Encrypt(nonce, content, file.AsSpan(Magic.Length + NonceSize + TagSize), file.AsSpan(Magic.Length + NonceSize, TagSize), _name);
        DurableFile.Write(_path, file, isDurable);
    }

    /// <summary>The content; null when there is no such file.</summary>
    /// <exception cref="InvalidDataException">It was not written by this agent, or was changed.</exception>
    public byte[]? Read()
    {
        if (DurableFile.Read(_path) is not { } file)
            return null;
        if (file.Length < Magic.Length + NonceSize + TagSize || !file.AsSpan().StartsWith(Magic))
            throw new InvalidDataException($"{_path} is not a state file of this agent.");
        var content = new byte[file.Length - Magic.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(key, TagSize);
        try
        {
            cipher.Decrypt(
                file.AsSpan(Magic.Length, NonceSize),
                file.AsSpan(Magic.Length + NonceSize + TagSize),
                file.AsSpan(Magic.Length + NonceSize, TagSize),
                content,
                _name);
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new InvalidDataException($"{_path} was not written by this agent, or was changed.", exception);
        }

        return content;
    }
}
