namespace Weir.Agent.Recording;

/// <summary>Reads varints and length-delimited fields; anything malformed throws <see cref="InvalidDataException"/>.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public void Expect(byte tag)
    {
        if (_rest.IsEmpty || _rest[0] != tag)
            throw new InvalidDataException("Not an event of this agent.");
        _rest = _rest[1..];
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < 10 && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("A number is malformed.");
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        if (length > (ulong)_rest.Length)
            throw new InvalidDataException("A field is longer than its message.");
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }
}
