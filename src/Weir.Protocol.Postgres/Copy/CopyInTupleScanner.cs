using System.Buffers.Binary;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>The binary format: a header, then tuples of a field count and fields with their lengths.</summary>
internal sealed class CopyInTupleScanner(ReadOnlySpan<bool> wanted, int limit) : CopyInScanner(wanted, limit)
{
    private const int HeaderLength = 19;

    private readonly byte[] _number = new byte[HeaderLength];
    private Part _part = Part.Header;
    private int _have;
    private long _left;
    private int _fields;
    private bool _isFieldOver;

    private enum Part
    {
        Header,
        Extension,
        Count,
        Length,
        Bytes,
        Done,
    }

    public override bool MoveNext(ref ReadOnlySpan<byte> data)
    {
        while (true)
        {
            if (_isFieldOver)
                NextField();
            if (data.IsEmpty && !(_part is Part.Bytes or Part.Extension && _left == 0))
                return false;
            switch (_part)
            {
                case Part.Header when Read(ref data, HeaderLength):
                    _left = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(_number.AsSpan(HeaderLength - 4)));
                    _part = Part.Extension;
                    break;
                case Part.Extension:
                    _ = Skip(ref data);
                    if (_left == 0)
                        _part = Part.Count;
                    break;
                case Part.Count when Read(ref data, 2):
                    _fields = BinaryPrimitives.ReadInt16BigEndian(_number);
                    Column = 0;
                    _part = _fields < 0 ? Part.Done : _fields == 0 ? Part.Count : Part.Length;
                    break;
                case Part.Length when Read(ref data, 4):
                    _left = BinaryPrimitives.ReadInt32BigEndian(_number);
                    IsNull = _left < 0;
                    _left = Math.Max(0, _left);
                    _part = Part.Bytes;
                    break;
                case Part.Bytes:
                    Keep(Skip(ref data));
                    _isFieldOver = _left == 0;
                    if (_isFieldOver && IsWanted)
                        return true;
                    break;
                case Part.Done:
                    data = [];
                    break;
            }
        }
    }

    public override bool MoveToEnd() => false;

    private protected override ReadOnlySpan<byte> Decoded() => Raw;

    private void NextField()
    {
        Forget();
        _isFieldOver = false;
        _part = Part.Length;
        if (++Column < _fields)
            return;
        _part = Part.Count;
        Line++;
    }

    private bool Read(ref ReadOnlySpan<byte> data, int length)
    {
        var taken = Math.Min(length - _have, data.Length);
        data[..taken].CopyTo(_number.AsSpan(_have));
        data = data[taken..];
        _have += taken;
        if (_have < length)
            return false;
        _have = 0;
        return true;
    }

    private ReadOnlySpan<byte> Skip(ref ReadOnlySpan<byte> data)
    {
        var taken = data[..(int)Math.Min(_left, data.Length)];
        data = data[taken.Length..];
        _left -= taken.Length;
        return taken;
    }
}
