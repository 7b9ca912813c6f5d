using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Judging;

/// <summary>
/// Everything that is known of one text: what it does, what is decided about it, how its answers are masked, what is recorded. Valid only
/// for what it was worked out from; immutable but for caches inside, and for <see cref="TryBecome"/>.
/// </summary>
internal sealed class Judgement
{
    private Judgement? _shape;
    private int _cost;

    /// <summary>The text as it was judged, UTF-8.</summary>
    public required byte[] Text { get; set; }

    public required SessionPolicy Policy { get; init; }

    public required Decision Decision { get; init; }

    /// <summary>What the client is told; null unless it is refused.</summary>
    public Diagnostic? Refusal { get; init; }

    /// <summary>In order. One without analysis stands for a text that could not be analysed; none for a blank text.</summary>
    public required JudgedStatement[] Statements { get; init; }

    /// <summary>Until when a verdict that depends on the time holds; null for always.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Means another thing in another session (EXECUTE, FETCH …): not shared.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Carrying it out may change what names mean: search path, role, temporary objects, catalog, prepared statements, cursors.</summary>
    public bool IsMover { get; init; }

    /// <summary>Compares a masked value with one that the client chose: such statements are limited in number.</summary>
    public bool IsGuess { get; init; }

    /// <summary>Carrying it out may end a transaction or undo a part of it, and so change back what names mean.</summary>
    public bool EndsTransaction { get; init; }

    /// <summary>The text to forward instead, with settings that clients can't change replaced; null when it goes as it is.</summary>
    public byte[]? ForwardedText { get; init; }

    /// <summary>Some statement may turn into a COPY FROM STDIN.</summary>
    public bool MayCopyIn { get; init; }

    /// <summary>Some statement is a COPY FROM STDIN into a masked column.</summary>
    public bool ChecksCopyIn { get; init; }

    /// <summary>What it changes counts against a budget.</summary>
    public bool CountsChanges { get; init; }

    /// <summary>What it returns counts against a budget.</summary>
    public bool CountsReads { get; init; }

    public bool IsGuarded => CountsChanges || CountsReads;

    /// <summary>Answers must be looked into.</summary>
    public bool NeedsAnswerPlan => Policy.HasMasking || !Policy.Detectors.IsEmpty;

    public bool IsAllowed => Refusal is null && Decision.Verdict == Verdict.Allow;

    public bool IsReview => Refusal is null && Decision.Verdict == Verdict.Review;

    /// <summary>
    /// The verdict holds for every text that differs in the values of constants only: no rule looks at the text, no value matters, and no constant belongs to
    /// a masked column.
    /// </summary>
    public bool HoldsForShape { get; init; }

    /// <summary>People may approve every text that differs in the values of constants only: all of them are judged alike, by the same rules.</summary>
    public bool MayCoverShape { get; init; }

    /// <summary>This judgement for another text of the same shape.</summary>
    public Judgement ForText(byte[] text) => new()
    {
        Text = text,
        Policy = Policy,
        Decision = Decision,
        Statements = [Statements[0].WithText(text)],
        ValidUntil = ValidUntil,
        MayCopyIn = MayCopyIn,
        ChecksCopyIn = ChecksCopyIn,
        CountsChanges = CountsChanges,
        CountsReads = CountsReads,
        IsGuess = IsGuess,
        HoldsForShape = true,
        _shape = this,
    };

    /// <summary>Turns a judgement that nothing refers to any more into one for another text of the shape, so that texts which differ in constants only cost no memory.</summary>
    /// <returns>False: it was made from another judgement.</returns>
    public bool TryBecome(Judgement shape, ReadOnlySpan<byte> text)
    {
        if (!ReferenceEquals(_shape, shape))
            return false;
        if (Text.Length == text.Length)
            text.CopyTo(Text);
        else
            Text = text.ToArray();
        Statements[0].UseText(Text);
        return true;
    }

    /// <summary>Was made by <see cref="ForText"/>, and can be used again.</summary>
    public bool IsForOneText => _shape is not null;

    /// <summary>The same text under another decision, for this occasion only.</summary>
    public Judgement With(Decision decision, Diagnostic? refusal, bool countsChanges = false) => new()
    {
        Text = Text,
        Policy = Policy,
        Decision = decision,
        Refusal = refusal,
        Statements = [.. Statements.Select(s => s.With(decision))],
        ValidUntil = ValidUntil,
        IsPrivate = true,
        IsMover = IsMover,
        EndsTransaction = EndsTransaction,
        IsGuess = IsGuess,
        ForwardedText = ForwardedText,
        MayCopyIn = MayCopyIn,
        ChecksCopyIn = ChecksCopyIn,
        CountsChanges = CountsChanges || countsChanges,
        CountsReads = CountsReads,
    };

    /// <summary>The same, its changes counted whatever the budgets are: people have agreed to no more than they were shown.</summary>
    public Judgement Counted() => CountsChanges ? this : With(Decision, Refusal, countsChanges: true);

    /// <summary>Estimate of the bytes that it keeps in memory, with the caches inside.</summary>
    public int Cost => _cost > 0 ? _cost : _cost = Measure();

    public Effects Effects
    {
        get
        {
            var effects = Effects.None;
            foreach (var statement in Statements)
                effects |= statement.Analysis?.Effects ?? Effects.Unknown;
            return effects;
        }
    }

    private int Measure()
    {
        var cost = 500 + Text.Length + (ForwardedText?.Length ?? 0);
        foreach (var statement in Statements)
            cost += statement.Cost;
        return cost;
    }
}
