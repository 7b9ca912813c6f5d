using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;
using Weir.Contracts.Agent.V1;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;

namespace Weir.Agent.Recording;

/// <summary>
/// The part of a StatementReceived event that is the same for every execution under one verdict, encoded once. Immutable and shared
/// between sessions, like the verdict that it belongs to.
/// </summary>
internal sealed class StatementTemplate
{
    private const int MaxRelations = 256;

    private readonly byte[] _encoded;

    private StatementTemplate(byte[] encoded, bool hasText, bool isHeld)
    {
        _encoded = encoded;
        HasText = hasText;
        IsHeld = isHeld;
    }

    /// <summary>Fields of StatementReceived in wire format.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>False: each statement brings its own text.</summary>
    public bool HasText { get; }

    /// <summary>The verdict is review: room for the steps of the review is kept with the statement.</summary>
    public bool IsHeld { get; }

    /// <param name="text">UTF-8 with the literals of masked columns already replaced; empty when each statement brings its own.</param>
    /// <param name="relations">Ambiguous ones are listed with every candidate.</param>
    public static StatementTemplate Create(
        ReadOnlySpan<byte> text,
        Verdict verdict,
        ImmutableArray<DecisionReason> reasons,
        Effects effects,
        ImmutableArray<RelationReference> relations,
        long snapshotVersion,
        bool isExtended,
        string command)
    {
        var message = new StatementReceived
        {
            Decision = DecisionNames.Of(verdict),
            SnapshotVersion = snapshotVersion,
            Protocol = isExtended ? "extended" : "simple",
            Command = command,
        };
        foreach (var reason in reasons)
            message.Reasons.Add(DecisionNames.ToContract(reason));
        message.Effects.AddRange(EffectNames.NamesOf(effects));
        foreach (var name in relations.SelectMany(r => r.Candidates).Select(c => c.ToString()).Distinct().Take(MaxRelations))
            message.Relations.Add(name);
        if (!text.IsEmpty)
        {
            var kept = Utf8Text.Cut(text, RecordingLimits.Text);
            message.Text = Encoding.UTF8.GetString(kept);
            if (kept.Length < text.Length)
                message.FullLength = text.Length;
        }

        return new StatementTemplate(message.ToByteArray(), !text.IsEmpty, verdict == Verdict.Review);
    }
}
