using Weir.Agent.Masking;
using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Masking;

namespace Weir.Agent.Sessions;

/// <summary>One statement of a judged text.</summary>
internal sealed class JudgedStatement
{
    private readonly byte[] _recordedText;
    private readonly Decision _decision;
    private readonly long _snapshotVersion;
    private StatementTemplate? _simple;
    private StatementTemplate? _extended;
    private PlanCache _plans = new();

    /// <param name="analysis">Null when the text could not be analysed.</param>
    /// <param name="masking">How its answer is masked.</param>
    /// <param name="recordedText">Its own part of the text, literals of masked columns replaced.</param>
    public JudgedStatement(StatementAnalysis? analysis, MaskingPlan masking, byte[] recordedText, Decision decision, long snapshotVersion)
    {
        Analysis = analysis;
        Masking = masking;
        _recordedText = recordedText;
        _decision = decision;
        _snapshotVersion = snapshotVersion;
    }

    public StatementAnalysis? Analysis { get; }

    public MaskingPlan Masking { get; }

    /// <summary>Parameters (1-based) that are compared with or written to a masked column.</summary>
    public IReadOnlyList<int> MaskedParameters { get; init; } = [];

    public ReadOnlySpan<byte> RecordedText => _recordedText;

    public StatementTemplate Template(bool isExtended) =>
        isExtended ? _extended ??= Create(isExtended: true) : _simple ??= Create(isExtended: false);

    /// <summary>The same statement with other constants: what its answers look like does not change.</summary>
    public JudgedStatement WithText(byte[] text) => new(Analysis, Masking, text, _decision, _snapshotVersion) { MaskedParameters = MaskedParameters, _plans = _plans };

    public JudgedStatement With(Decision decision) => new(Analysis, Masking, _recordedText, decision, _snapshotVersion) { MaskedParameters = MaskedParameters };

    /// <summary>The plan made for exactly this description, if it was the last one.</summary>
    public AnswerPlan? FindPlan(ReadOnlySpan<byte> description, short[]? formats, object? catalog) =>
        _plans.Last is { } cached && ReferenceEquals(cached.Catalog, catalog) && cached.Description.AsSpan().SequenceEqual(description) && Same(cached.Formats, formats) ? cached.Plan : null;

    public void StorePlan(ReadOnlySpan<byte> description, short[]? formats, object? catalog, AnswerPlan plan) =>
        _plans.Last = new CachedPlan(description.ToArray(), formats, catalog, plan);

    private static bool Same(short[]? left, short[]? right) => left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    private StatementTemplate Create(bool isExtended) => StatementTemplate.Create(
        _recordedText.Length == 0 ? " "u8 : _recordedText,
        _decision.Verdict,
        _decision.Reasons,
        Analysis?.Effects ?? Effects.Unknown,
        Analysis?.Relations ?? [],
        _snapshotVersion,
        isExtended,
        Analysis?.Command ?? "");

    private sealed class PlanCache
    {
        private volatile CachedPlan? _last;

        public CachedPlan? Last
        {
            get => _last;
            set => _last = value;
        }
    }

    private sealed record CachedPlan(byte[] Description, short[]? Formats, object? Catalog, AnswerPlan Plan);
}
