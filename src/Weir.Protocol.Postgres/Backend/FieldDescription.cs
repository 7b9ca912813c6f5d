namespace Weir.Protocol.Postgres.Backend;

/// <summary>One column of a RowDescription.</summary>
public readonly ref struct FieldDescription
{
    internal FieldDescription(ReadOnlySpan<byte> name, uint tableOid, short attributeNumber, uint typeOid, short typeLength, int typeModifier, FormatCode format)
    {
        Name = name;
        TableOid = tableOid;
        AttributeNumber = attributeNumber;
        TypeOid = typeOid;
        TypeLength = typeLength;
        TypeModifier = typeModifier;
        Format = format;
    }

    public ReadOnlySpan<byte> Name { get; }

    /// <summary>0 when the column is not simply a table's column.</summary>
    public uint TableOid { get; }

    /// <summary>0 when the column is not simply a table's column; negative for system columns.</summary>
    public short AttributeNumber { get; }

    public uint TypeOid { get; }

    /// <summary>pg_type.typlen; negative for types of variable length.</summary>
    public short TypeLength { get; }

    /// <summary>pg_attribute.atttypmod; -1 for none.</summary>
    public int TypeModifier { get; }

    /// <summary>Text when a statement (not a portal) was described: the formats are not known yet.</summary>
    public FormatCode Format { get; }
}
