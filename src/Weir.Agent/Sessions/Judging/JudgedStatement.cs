using Weir.Agent.Masking;
using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Masking;
using Weir.Sql.Catalog;

namespace Weir.Agent.Sessions.Judging;

/// <summary>One statement of a judged text.</summary>
internal sealed class JudgedStatement
{
    private byte[] _recordedText;
    private readonly Decision _decision;
    private readonly long _snapshotVersion;
    private TemplateCache _templates = new();
    private PlanCache _plans = new();
    private bool _hasOwnText;

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
    public int[] MaskedParameters { get; init; } = [];

    public ReadOnlySpan<byte> RecordedText => _recordedText;

    /// <summary>Estimate of the bytes that it keeps in memory, with what is yet to be made of it: two templates and a plan.</summary>
    public int Cost => 1500 + (3 * _recordedText.Length) + CostOf(Analysis);

    /// <summary>What is recorded beside <see cref="Template"/>; empty when that holds the text already.</summary>
    public ReadOnlySpan<byte> OwnText => _hasOwnText ? _recordedText : [];

    public StatementTemplate Template(bool isExtended) =>
        isExtended ? _templates.Extended ??= Create(isExtended: true) : _templates.Simple ??= Create(isExtended: false);

    /// <summary>The same statement with other constants: what its answers look like does not change, nor what is recorded beside its text.</summary>
    public JudgedStatement WithText(byte[] text) => new(Analysis, Masking, text, _decision, _snapshotVersion)
    {
        MaskedParameters = MaskedParameters,
        _plans = _plans,
        _templates = _templates.Textless,
        _hasOwnText = true,
    };

    /// <summary>Another text in place of that of <see cref="WithText"/>.</summary>
    public void UseText(byte[] text) => _recordedText = text;

    public JudgedStatement With(Decision decision) => new(Analysis, Masking, _recordedText, decision, _snapshotVersion) { MaskedParameters = MaskedParameters };

    /// <summary>The plan made for exactly this description, if it was the last one.</summary>
    public AnswerPlan? FindPlan(ReadOnlySpan<byte> description, short[]? formats, CatalogSnapshot? catalog) =>
        _plans.Last is { } cached && ReferenceEquals(cached.Catalog, catalog?.Identity) && cached.Description.AsSpan().SequenceEqual(description) && Same(cached.Formats, formats) ? cached.Plan : null;

    public void StorePlan(ReadOnlySpan<byte> description, short[]? formats, CatalogSnapshot? catalog, AnswerPlan plan) =>
        _plans.Last = new CachedPlan(description.ToArray(), formats, catalog?.Identity, plan);

    private static int CostOf(StatementAnalysis? analysis) => analysis is null
        ? 0
        : 500 + (250 * analysis.Relations.Length) + (300 * analysis.Columns.Length) + (200 * analysis.Functions.Length) + (100 * analysis.Literals.Length)
            + (analysis.ResultColumns.IsDefault ? 0 : 500 * analysis.ResultColumns.Length) + CostOf(analysis.Inner);

    private static bool Same(short[]? left, short[]? right) => left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    private StatementTemplate Create(bool isExtended) => StatementTemplate.Create(
        _hasOwnText ? [] : _recordedText.Length == 0 ? " "u8 : _recordedText,
        _decision.Verdict,
        _decision.Reasons,
        Analysis?.Effects ?? Effects.Unknown,
        Analysis?.Relations ?? [],
        _snapshotVersion,
        isExtended,
        Analysis?.Command ?? "");

    /// <summary>Templates with the text in them, and those without that all texts of a shape share.</summary>
    private sealed class TemplateCache
    {
        private volatile StatementTemplate? _simple;
        private volatile StatementTemplate? _extended;
        private volatile TemplateCache? _textless;

        public StatementTemplate? Simple
        {
            get => _simple;
            set => _simple = value;
        }

        public StatementTemplate? Extended
        {
            get => _extended;
            set => _extended = value;
        }

        public TemplateCache Textless => _textless ??= new TemplateCache();
    }

    private sealed class PlanCache
    {
        private volatile CachedPlan? _last;

        public CachedPlan? Last
        {
            get => _last;
            set => _last = value;
        }
    }

    /// <param name="Catalog">Its identity: a prepared statement of an idle session must not keep a catalog in memory that was replaced long ago.</param>
    private sealed record CachedPlan(byte[] Description, short[]? Formats, object? Catalog, AnswerPlan Plan);
}
