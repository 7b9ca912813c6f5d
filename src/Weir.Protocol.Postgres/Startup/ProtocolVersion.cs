namespace Weir.Protocol.Postgres.Startup;

/// <summary>A protocol version as on the wire: major in the upper 16 bits, minor in the lower.</summary>
public readonly record struct ProtocolVersion(int Code) : IComparable<ProtocolVersion>
{
    public ProtocolVersion(ushort major, ushort minor)
        : this((major << 16) | minor)
    {
    }

    public static ProtocolVersion V30 { get; } = new(3, 0);

    /// <summary>PostgreSQL 18: cancel keys of variable length. (3.1 was never used.)</summary>
    public static ProtocolVersion V32 { get; } = new(3, 2);

    public int Major => (int)((uint)Code >> 16);

    public int Minor => Code & 0xffff;

    public int CompareTo(ProtocolVersion other) => ((uint)Code).CompareTo((uint)other.Code);

    public static bool operator <(ProtocolVersion left, ProtocolVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ProtocolVersion left, ProtocolVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ProtocolVersion left, ProtocolVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ProtocolVersion left, ProtocolVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Major}.{Minor}";
}
