using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Weir.Agent.Configuration;

namespace Weir.Agent.Policies;

/// <summary>
/// A state file that grows by records, each encrypted and authenticated with AES-256-GCM under a key that is derived from the agent's identity key. Layout: 8 bytes magic,
/// 16 bytes that name this file; then for each record 4 bytes length, 12 bytes nonce, 16 bytes tag, ciphertext. With each record the names of the file and its place in it are
/// authenticated. Not for several threads at once.
/// </summary>
internal sealed class SealedLog(DataDirectory directory, string name, byte[] key) : IDisposable
{
    private const int IdSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = sizeof(int) + NonceSize + TagSize;

    private readonly string _path = directory.PathOf(name);
    private readonly AesGcm _cipher = new(key, TagSize);
    private SafeFileHandle? _file;
    private byte[] _id = [];
    private int _records;

    /// <summary>Bytes of the file; 0 while there is none.</summary>
    public long Length { get; private set; }

    private static ReadOnlySpan<byte> Magic => "WEIRSL1\n"u8;

    /// <summary>The content of all records; none when there is no such file, or one that was written before records were.</summary>
    /// <exception cref="InvalidDataException">It was not written by this agent, was changed, or does not end where a record ends.</exception>
    public IReadOnlyList<byte[]> Read()
    {
        (_records, Length) = (0, 0);
        if (DurableFile.Read(_path) is not { } file)
            return [];
        if (file.AsSpan().StartsWith(SealedFile.Magic))
        {
            var whole = new SealedFile(directory, name, key).Read()!;
            Rewrite(whole);
            return [whole];
        }

        if (file.Length < Magic.Length + IdSize || !file.AsSpan().StartsWith(Magic))
            throw new InvalidDataException($"{_path} is not a state file of this agent.");
        _id = file.AsSpan(Magic.Length, IdSize).ToArray();
        List<byte[]> records = [];
        var rest = file.AsSpan(Magic.Length + IdSize);
        while (!rest.IsEmpty)
        {
            var length = rest.Length >= Overhead ? BinaryPrimitives.ReadInt32LittleEndian(rest) : -1;
            if (length < 0 || length > rest.Length - Overhead)
                throw new InvalidDataException($"{_path} does not end where a record ends.");
            var content = new byte[length];
            try
            {
                _cipher.Decrypt(
                    rest.Slice(sizeof(int), NonceSize), rest.Slice(Overhead, length), rest.Slice(sizeof(int) + NonceSize, TagSize), content, Place(_id, records.Count));
            }
            catch (AuthenticationTagMismatchException exception)
            {
                throw new InvalidDataException($"{_path} was not written by this agent, or was changed.", exception);
            }

            records.Add(content);
            rest = rest[(Overhead + length)..];
        }

        (_records, Length) = (records.Count, file.Length);
        return records;
    }

    /// <summary>This record and no other. Survives the death of the process, not yet that of the machine.</summary>
    public void Rewrite(ReadOnlySpan<byte> content)
    {
        var id = RandomNumberGenerator.GetBytes(IdSize);
        byte[] file = [.. Magic, .. id, .. Seal(content, Place(id, 0))];
        DurableFile.Write(_path, file, isDurable: false);
        _file?.Dispose();
        _file = null;
        (_id, _records, Length) = (id, 1, file.Length);
    }

    /// <summary>One record more. Survives the death of the process, not yet that of the machine.</summary>
    public void Append(ReadOnlySpan<byte> content)
    {
        if (Length == 0)
        {
            Rewrite(content);
            return;
        }

        var record = Seal(content, Place(_id, _records));
        _file ??= File.OpenHandle(_path, FileMode.Open, FileAccess.Write);
        try
        {
            RandomAccess.Write(_file, record, Length);
        }
        catch (IOException)
        {
            // Half a record would make all of them unreadable.
            RandomAccess.SetLength(_file, Length);
            throw;
        }

        Length += record.Length;
        _records++;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _cipher.Dispose();
    }

    private byte[] Seal(ReadOnlySpan<byte> content, byte[] place)
    {
        var record = new byte[Overhead + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, content.Length);
        var nonce = record.AsSpan(sizeof(int), NonceSize);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, content, record.AsSpan(Overhead), record.AsSpan(sizeof(int) + NonceSize, TagSize), place);
        return record;
    }

    private byte[] Place(byte[] id, int record) => [.. Encoding.UTF8.GetBytes(name), .. id, .. BitConverter.GetBytes(record)];
}
