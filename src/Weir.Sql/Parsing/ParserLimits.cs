namespace Weir.Sql.Parsing;

/// <summary>
/// What a statement may cost. A statement beyond a limit gives <see cref="ParseRefused"/>, never a longer wait, a larger
/// process or a crash.
/// </summary>
public sealed record ParserLimits
{
    public static ParserLimits Default { get; } = new();

    /// <summary>Longest SQL text, in UTF-8 bytes. Larger: <see cref="ParseRefusal.TooLong"/>. Default 256 KiB.</summary>
    public int MaxTextBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// Longest processor time inside the parser for one text, kept to about 10 ms; reading a tree of
    /// <see cref="MaxTreeBytes"/> afterwards may take as long again. What other work the machine does is not counted. Beyond:
    /// <see cref="ParseRefusal.TooSlow"/>. Default 100 ms (256 KiB of ordinary SQL take about 10), and more for longer texts by
    /// <see cref="DeadlinePerMebibyte"/>.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What a text may take beyond <see cref="Deadline"/>, by its length. Default 200 ms.</summary>
    public TimeSpan DeadlinePerMebibyte { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Longest time inside the parser by the clock on the wall, however little of it the machine gave to the parse. Not shorter than the processor time allowed.
    /// Beyond: <see cref="ParseRefusal.TooSlow"/>. Default 10 s.
    /// </summary>
    public TimeSpan WallDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Longest wait for a free parser. Longer than the deadline, so that a few clients with hostile texts make others wait
    /// and not fail. Beyond: <see cref="ParseRefusal.TooSlow"/>. Default 5 s.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Cap of one parser's memory, in MiB: 129 to 255. A fresh one counts as 128, of which it has touched one. Beyond:
    /// <see cref="ParseRefusal.TooLarge"/>. Default 224.
    /// </summary>
    public int MemoryMegabytes { get; init; } = 224;

    /// <summary>
    /// Largest parse tree, in bytes of JSON: about a dozen times its text. Long lists of plain VALUES hardly count (<see cref="LongValues"/>). Beyond:
    /// <see cref="ParseRefusal.TooLarge"/>. Default 16 MiB.
    /// </summary>
    public int MaxTreeBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Levels of JSON in the parse tree, of which an expression's level takes two to four. Whoever walks the tree
    /// recursively needs a bound. Beyond: <see cref="ParseRefusal.TooDeep"/>. Default 1,000.
    /// </summary>
    public int MaxTreeDepth { get; init; } = 1_000;

    /// <summary>
    /// Nested block comments. PostgreSQL's lexer takes quadratic time over unterminated ones. Beyond:
    /// <see cref="ParseRefusal.TooDeep"/>. Default 50.
    /// </summary>
    public int MaxCommentNesting { get; init; } = 50;

    /// <summary>
    /// Native stack for one parse, in bytes. A thread that has less left hands the call to one that has. Beyond:
    /// <see cref="ParseRefusal.TooDeep"/>. Default 900 KiB.
    /// </summary>
    public int StackBytes { get; init; } = 900 * 1024;

    /// <summary>Parses at the same time, and parsers kept in memory. Default: one per core.</summary>
    public int MaxConcurrency { get; init; } = Environment.ProcessorCount;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTextBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Deadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Deadline, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(DeadlinePerMebibyte, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DeadlinePerMebibyte, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WallDeadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WallDeadline, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxWait, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryMegabytes, 129);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MemoryMegabytes, 255);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTreeBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTreeDepth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxCommentNesting);
        ArgumentOutOfRangeException.ThrowIfLessThan(StackBytes, 64 * 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(StackBytes, 64 * 1024 * 1024);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConcurrency);
    }
}
