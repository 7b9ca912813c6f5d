using System.Buffers;
using System.Collections.Frozen;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Masking;

/// <summary>
/// The words of a server message outside of quotes. Some messages show values there ("transaction ID 837714911 is in the future", "requested character too
/// large for encoding: 773113000"): what is neither a plain word nor a term of SQL goes.
/// </summary>
internal static class MessageWords
{
    private static readonly FrozenSet<string> Terms = FrozenSet.ToFrozenSet(
        [
            "A", "I/O", "ID", "NULL", "SQL", "JSON", "SQL/JSON", "XML", "UTF8", "UTF-8", "UTF16", "ASCII", "CSV", "COPY", "ALL", "AND", "ANY", "AS", "ALTER", "ANALYZE", "ARRAY", "BEFORE",
            "BEGIN", "BY", "CALL", "CASCADE", "CASE", "CHECK", "CLUSTER", "COLLATE", "COLUMN", "COMMIT", "CONCURRENTLY", "CONFLICT", "CONSTRAINT", "CREATE", "CROSS", "CURRENT", "CURSOR",
            "DATABASE", "DECLARE", "DEFAULT", "DELETE", "DISTINCT", "DO", "DOMAIN", "DROP", "ELSE", "END", "EXCEPT", "EXECUTE", "EXISTS", "EXPLAIN", "FETCH", "FIRST", "FOR", "FOREIGN",
            "FROM", "FULL", "FUNCTION", "GROUP", "GROUPING", "HAVING", "HOLD", "IN", "INDEX", "INHERITS", "INSERT", "INSTEAD", "INTERSECT", "INTO", "IS", "JOIN", "KEY", "LAST", "LATERAL",
            "LIKE", "LIMIT", "LISTEN", "LOCK", "MATERIALIZED", "MERGE", "MOVE", "NATURAL", "NOT", "NOTIFY", "OF", "OFFSET", "ON", "ONLY", "OR", "ORDER", "OVER", "PARTITION", "PERFORM",
            "PREPARE", "PREPARED", "PRIMARY", "PROCEDURE", "QUERY", "READ", "RECURSIVE", "REFERENCES", "REFRESH", "REINDEX", "RELEASE", "RETURN", "RETURNING", "RETURNS", "ROLLBACK", "ROW",
            "ROWS", "RULE", "SAVEPOINT", "SCHEMA", "SCROLL", "SELECT", "SEQUENCE", "SERIALIZABLE", "SESSION", "SET", "SETOF", "SHARE", "SHOW", "TABLE", "TABLESAMPLE", "TEMPORARY", "THEN",
            "TO", "TRANSACTION", "TRIGGER", "TRUNCATE", "TYPE", "UNION", "UNIQUE", "UPDATE", "USING", "VACUUM", "VALUES", "VIEW", "WHEN", "WHERE", "WINDOW", "WITH", "WITHIN", "WITHOUT",
            "Token", "Expected", "Unicode", "LATIN1", "SQL_ASCII", "PL/pgSQL", "PostgreSQL", "POSIX", "LDAP", "SSL", "WAL", "OID", "IP", "CIDR", "UUID", "MD5", "SCRAM", "TABLESPACE",
        ],
        StringComparer.Ordinal);

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789,"u8);

    private static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-_/'"u8);

    /// <summary>
    /// Whether values of rows may stand in the message: not where the parser points at the text itself, and not in messages about connections,
    /// the protocol, transactions, resources and the operator's doings.
    /// </summary>
    public static bool MayHoldValues(DiagnosticFields fields)
    {
        if (fields.TryGet(DiagnosticField.Position, out _))
            return false;
        var state = fields.SqlState;
        return !(state.StartsWith("08"u8) || state.StartsWith("25"u8) || state.StartsWith("26"u8) || state.StartsWith("40"u8) || state.StartsWith("57"u8));
    }

    public static void Write(ReadOnlySpan<byte> text, MessageWriter output)
    {
        while (!text.IsEmpty)
        {
            var length = text.IndexOfAny(" \t\n\r"u8);
            var word = length < 0 ? text : text[..length];
            if (IsHarmless(word))
                output.WriteBytes(word);
            else
                output.WriteUtf8("***");
            if (length < 0)
                return;
            output.WriteByte(text[length]);
            text = text[(length + 1)..];
        }
    }

    private static bool IsHarmless(ReadOnlySpan<byte> word)
    {
        var core = word.Trim("().,:;'"u8);
        if (core.IsEmpty)
            return true;
        if (core.IndexOfAnyExceptInRange((byte)'a', (byte)'z') < 0)
            return true;
        if (core.Length <= 16 && Terms.GetAlternateLookup<ReadOnlySpan<char>>().Contains(Chars(core, stackalloc char[16])))
            return true;

        // Hyphenated and possessive words, and the limits of types: varying(200), numeric(10,2).
        var parenthesis = core.IndexOf((byte)'(');
        if (parenthesis > 0)
            return IsPlain(core[..parenthesis]) && core[(parenthesis + 1)..].IndexOfAnyExcept(Digits) < 0;
        return IsPlain(core);
    }

    private static bool IsPlain(ReadOnlySpan<byte> word) => word.IndexOfAnyExcept(Letters) < 0;

    private static ReadOnlySpan<char> Chars(ReadOnlySpan<byte> ascii, Span<char> buffer)
    {
        for (var i = 0; i < ascii.Length; i++)
            buffer[i] = (char)ascii[i];
        return buffer[..ascii.Length];
    }
}
