using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Weir.Sql.Parsing;

/// <summary>
/// PostgreSQL 18's own grammar. Any bytes give an outcome within the limits; the parser runs in a sandbox and can't take
/// the process down. Safe for any number of threads; a call blocks its thread, for at most the deadline.
/// </summary>
public sealed class PostgresParser : IDisposable
{
    /// <summary>Texts and trees above these leave so much memory behind that the instance is replaced.</summary>
    private const int LargeTextBytes = 64 * 1024;
    private const int LargeTreeBytes = 2 * 1024 * 1024;

    private static readonly SearchValues<byte> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(1, 31).Select(c => (byte)c)]);

    private readonly ParserLimits _limits;
    private readonly ParserPool _pool;

    /// <exception cref="ArgumentOutOfRangeException">A limit is outside its documented range.</exception>
    public PostgresParser(ParserLimits? limits = null)
    {
        _limits = limits ?? ParserLimits.Default;
        _limits.Validate();
        _pool = new ParserPool(_limits);
    }

    /// <summary>Whether any call is inside a parser now.</summary>
    internal bool IsBusy => _pool.IsBusy;

    internal ParserLimits Limits => _limits;

    /// <summary>Gives <see cref="ParsedScript"/>, <see cref="SyntaxFault"/> or <see cref="ParseRefused"/>.</summary>
    public ParseOutcome Parse(ReadOnlySpan<byte> utf8Sql) => Run(NativeOperation.Parse, utf8Sql);

    /// <summary>
    /// The PL/pgSQL bodies in a text of CREATE FUNCTION, CREATE PROCEDURE or DO statements: <see cref="ParsedPlpgsql"/>,
    /// <see cref="SyntaxFault"/> (without a position: it would point into the body) or <see cref="ParseRefused"/>. Bodies
    /// that are not quoted text (<c>BEGIN ATOMIC</c>, <c>RETURN</c>) give <see cref="ParseRefusal.Crashed"/>: ask only
    /// where the parse tree shows an <c>AS</c> body in language plpgsql.
    /// </summary>
    public ParseOutcome ParsePlpgsql(ReadOnlySpan<byte> utf8Sql) => Run(NativeOperation.Plpgsql, utf8Sql);

    public void Dispose() => _pool.Dispose();

    /// <summary>PostgreSQL's own tokens as JSON, for tests of our lexer. Null when the text has a lexical error.</summary>
    internal JsonDocument? Scan(ReadOnlySpan<byte> utf8Sql)
    {
        ParserInstance instance = _pool.Rent(utf8Sql.Length, out _) ?? throw new InvalidOperationException("No parser is free.");
        try
        {
            NativeStatus status = Call(instance, NativeOperation.Scan, utf8Sql, out NativeResult result);
            if (status != NativeStatus.Ok)
                throw new InvalidOperationException($"The scan ended in {status}.");
            byte[] json = result.Text.ToArray();
            instance.Release();
            if (json is not [(byte)'{', ..])
                return null;
            // The token texts in it (which nobody needs) have control characters unescaped.
            json.AsSpan().ReplaceAny(ControlCharacters, (byte)' ');
            return JsonDocument.Parse(json);
        }
        finally
        {
            _pool.Return(instance, spent: false);
        }
    }

    private ParseOutcome Run(NativeOperation operation, ReadOnlySpan<byte> sql)
    {
        if (Precheck(sql) is { } reason)
            return new ParseRefused(reason);

        byte[]? copy = null;
        try
        {
            ReadOnlySpan<byte> text = sql;
            LexicalCheck check;
            List<int> abridged = [];
            bool isLong = sql.Length > LongValues.FromBytes && operation == NativeOperation.Parse;
            if (isLong || LexicalCheck.MayHaveComments(sql))
            {
                copy = ArrayPool<byte>.Shared.Rent(sql.Length);
                Span<byte> blanked = copy.AsSpan(0, sql.Length);
                sql.CopyTo(blanked);
                check = LexicalCheck.BlankComments(sql, blanked, _limits.MaxCommentNesting, bodies: operation == NativeOperation.Plpgsql);
                if (isLong && check.IsUnderstood && !check.CommentsTooDeep)
                    abridged = LongValues.Blank(sql, blanked);
                text = blanked;
            }
            else
            {
                check = LexicalCheck.Of(sql);
            }

            if (check.CommentsTooDeep)
                return new ParseRefused(ParseRefusal.TooDeep);
            ParseOutcome outcome = RunSandboxed(operation, text);
            if (outcome is ParsedScript script)
                script.Abridged = abridged;
            if (copy is not null && outcome is SyntaxFault { CursorPosition: > 0 } fault)
                outcome = fault with { CursorPosition = CharacterPosition.Translate(fault.CursorPosition, text, sql) };
            return check.IsUnderstood ? outcome : check.Judge(outcome, sql);
        }
        finally
        {
            if (copy is not null)
                ArrayPool<byte>.Shared.Return(copy, clearArray: true);
        }
    }

    private ParseOutcome RunSandboxed(NativeOperation operation, ReadOnlySpan<byte> text)
    {
        if (_pool.Rent(text.Length, out ParseRefusal refusal) is not { } instance)
            return new ParseRefused(refusal);

        bool spent = text.Length > LargeTextBytes;
        try
        {
            NativeStatus status = Call(instance, operation, text, out NativeResult result);
            spent |= result.TextLength > LargeTreeBytes;
            ParseOutcome outcome = ToOutcome(operation, status, in result, text.Length);
            if (status >= 0)
                instance.Release();
            return outcome;
        }
        finally
        {
            _pool.Return(instance, spent);
        }
    }

    private ParseRefusal? Precheck(ReadOnlySpan<byte> sql)
    {
        if (sql.Length > _limits.MaxTextBytes)
            return ParseRefusal.TooLong;
        if (sql.Contains((byte)0))
            return ParseRefusal.ContainsNul;
        return Utf8.IsValid(sql) ? null : ParseRefusal.InvalidUtf8;
    }

    private ParseOutcome ToOutcome(NativeOperation operation, NativeStatus status, in NativeResult result, int textLength) => status switch
    {
        NativeStatus.Ok when operation == NativeOperation.Plpgsql && result.Text is not [(byte)'{', ..] =>
            // This operation returns the error's message where JSON is expected, and no position.
            ToFault(result.Text, function: default, cursor: 0),
        NativeStatus.Ok => ToTree(operation, result.Text, textLength),
        NativeStatus.SqlError => ToFault(result.Text, result.Function, result.Cursor),
        NativeStatus.TrapStack => new ParseRefused(ParseRefusal.TooDeep),
        NativeStatus.TrapInterrupt => new ParseRefused(ParseRefusal.TooSlow),
        NativeStatus.TrapMemory => new ParseRefused(ParseRefusal.TooLarge),
        _ => new ParseRefused(ParseRefusal.Crashed),
    };

    private ParseOutcome ToTree(NativeOperation operation, ReadOnlySpan<byte> json, int textLength)
    {
        if (Read(json, out ParseTree? tree) is { } refused)
            return refused;
        ParseOutcome? outcome = operation == NativeOperation.Parse
            ? ParsedScript.TryCreate(tree!, textLength)
            : ParsedPlpgsql.TryCreate(tree!);
        if (outcome is not null)
            return outcome;
        tree!.Dispose();
        return new ParseRefused(ParseRefusal.Crashed);
    }

    private ParseRefused? Read(ReadOnlySpan<byte> json, out ParseTree? tree)
    {
        tree = null;
        if (json.Length > _limits.MaxTreeBytes)
            return new ParseRefused(ParseRefusal.TooLarge);
        try
        {
            tree = ParseTree.Copy(json, _limits.MaxTreeDepth);
            return null;
        }
        catch (JsonException)
        {
            return new ParseRefused(JsonDepth.Exceeds(json, _limits.MaxTreeDepth) ? ParseRefusal.TooDeep : ParseRefusal.Crashed);
        }
    }

    private static ParseOutcome ToFault(ReadOnlySpan<byte> utf8Message, ReadOnlySpan<byte> function, int cursor)
    {
        string message = Encoding.UTF8.GetString(utf8Message);
        // The sandbox's own limits, reported by PostgreSQL's code as errors: they say nothing about the text.
        if (message.StartsWith("stack depth limit exceeded", StringComparison.Ordinal))
            return new ParseRefused(ParseRefusal.TooDeep);
        if (message.StartsWith("out of memory", StringComparison.Ordinal))
            return new ParseRefused(ParseRefusal.TooLarge);
        return new SyntaxFault(message, SqlStates.Of(message, function), cursor);
    }

    private NativeStatus Call(ParserInstance instance, NativeOperation operation, ReadOnlySpan<byte> sql, out NativeResult result)
    {
        NativeStatus status = instance.Call(operation, sql, _limits.StackBytes, out result);
        if (status != NativeStatus.NoStack)
            return status;

        // Rare: threads of the runtime have 1.5 MB or more. A thread per call is slow, and right.
        byte[] copy = sql.ToArray();
        NativeResult native = default;
        var thread = new Thread(
            () => status = instance.Call(operation, copy, _limits.StackBytes, out native),
            maxStackSize: _limits.StackBytes + 512 * 1024);
        thread.Start();
        thread.Join();
        result = native;
        return status;
    }
}
