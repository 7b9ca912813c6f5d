namespace Weir.Policy.Masking;

/// <summary>Maps PostgreSQL's built-in types to <see cref="ValueKind"/> (pg_type.dat: these oids never change).</summary>
public static class ValueKinds
{
    /// <summary>The kind of a type, for an array of its elements' type; <see cref="ValueKind.Other"/> for everything not built in.</summary>
    public static ValueKind Of(uint typeOid) => throw new NotImplementedException();

    /// <summary>True for a built-in array type.</summary>
    public static bool TryGetElementType(uint arrayTypeOid, out uint elementTypeOid) => throw new NotImplementedException();
}
