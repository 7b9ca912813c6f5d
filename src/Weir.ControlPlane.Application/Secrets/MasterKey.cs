using System.Security.Cryptography;

namespace Weir.ControlPlane.Application.Secrets;

/// <summary>The key that wraps every organization's data key. It lies in a file outside of the database.</summary>
internal sealed class MasterKey
{
    public const int Length = 32;

    private readonly byte[] _key;

    public MasterKey(byte[] key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Length);
        _key = key;
    }

    /// <summary>Reads the file; makes it, readable by its owner only, if it is not there.</summary>
    /// <exception cref="InvalidOperationException">The file holds something else than a key.</exception>
    public static MasterKey LoadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            var key = RandomNumberGenerator.GetBytes(Length);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new StreamWriter(path, options);
            file.WriteLine(Convert.ToBase64String(key));
            return new MasterKey(key);
        }

        var text = File.ReadAllText(path).Trim();
        var bytes = new byte[Length];
        return Convert.TryFromBase64String(text, bytes, out var written) && written == Length
            ? new MasterKey(bytes)
            : throw new InvalidOperationException($"The master key file {path} must hold {Length} bytes in base64.");
    }

    public byte[] Seal(ReadOnlySpan<byte> plaintext, string context) => SealedBox.Seal(_key, plaintext, context);

    /// <exception cref="CryptographicException">It was sealed with another master key or for something else.</exception>
    public byte[] Open(ReadOnlySpan<byte> value, string context) => SealedBox.Open(_key, value, context);

    public byte[] Wrap(byte[] dataKey, Guid organization) => SealedBox.Seal(_key, dataKey, $"data-key:{organization}");

    /// <exception cref="CryptographicException">It was wrapped with another master key, or for another organization.</exception>
    public byte[] Unwrap(byte[] wrapped, Guid organization) => SealedBox.Open(_key, wrapped, $"data-key:{organization}");
}
