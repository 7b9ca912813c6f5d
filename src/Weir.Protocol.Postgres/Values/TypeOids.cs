namespace Weir.Protocol.Postgres.Values;

/// <summary>Oids of built-in types (pg_type.dat; they never change).</summary>
public static class TypeOids
{
    public const uint Bool = 16;
    public const uint Bytea = 17;
    public const uint InternalChar = 18;
    public const uint Name = 19;
    public const uint Int8 = 20;
    public const uint Int2 = 21;
    public const uint Int4 = 23;
    public const uint Text = 25;
    public const uint Oid = 26;
    public const uint Json = 114;
    public const uint Xml = 142;
    public const uint Cidr = 650;
    public const uint Float4 = 700;
    public const uint Float8 = 701;
    public const uint Unknown = 705;
    public const uint Inet = 869;
    public const uint Bpchar = 1042;
    public const uint Varchar = 1043;
    public const uint Date = 1082;
    public const uint Time = 1083;
    public const uint Timestamp = 1114;
    public const uint TimestampTz = 1184;
    public const uint Numeric = 1700;
    public const uint Uuid = 2950;
    public const uint Jsonb = 3802;

    /// <summary>The element type of a built-in array type, 0 for anything else.</summary>
    public static uint ElementOf(uint arrayOid) => arrayOid switch
    {
        1000 => Bool,
        1001 => Bytea,
        1002 => InternalChar,
        1003 => Name,
        1005 => Int2,
        1007 => Int4,
        1009 => Text,
        1014 => Bpchar,
        1015 => Varchar,
        1016 => Int8,
        1021 => Float4,
        1022 => Float8,
        1028 => Oid,
        1041 => Inet,
        651 => Cidr,
        1115 => Timestamp,
        1182 => Date,
        1183 => Time,
        1185 => TimestampTz,
        1231 => Numeric,
        143 => Xml,
        199 => Json,
        2951 => Uuid,
        3807 => Jsonb,
        _ => 0,
    };
}
