using Weir.Agent.Masking;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Values;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// Looks for masks in the rows of a COPY FROM STDIN: rows that were copied out through the gateway would destroy the real values. Lives as long as that COPY,
/// and keeps at most one field of it, of which it looks at the first <see cref="MaxField"/> bytes.
/// </summary>
internal sealed class CopyInCheck
{
    private const int MaxField = 16 * 1024;

    private readonly CopyInScanner? _scanner;
    private readonly Masker?[] _maskers;
    private readonly string[] _names;
    private readonly bool _isBinary;

    private CopyInCheck(CopyInScanner? scanner, Masker?[] maskers, string[] names, bool isBinary)
    {
        _scanner = scanner;
        _maskers = maskers;
        _names = names;
        _isBinary = isBinary;
    }

    /// <summary>Some column that is copied into is masked.</summary>
    public static bool Concerns(StatementAnalysis statement, SessionPolicy policy)
    {
        foreach (var targets in statement.CopiedInto)
        {
            foreach (var target in targets)
            {
                if (policy.MaskFor(target.Relation, target.Column) is not null)
                    return true;
            }
        }

        return false;
    }

    public static CopyInCheck Create(StatementAnalysis statement, SessionPolicy policy)
    {
        var maskers = new Masker?[statement.CopiedInto.Length];
        var names = new string[maskers.Length];
        var wanted = new bool[maskers.Length];
        for (var i = 0; i < maskers.Length; i++)
        {
            foreach (var target in statement.CopiedInto[i])
            {
                if (policy.MaskFor(target.Relation, target.Column) is not { } mask || policy.MaskerFor(mask) is not { IsRecognizable: true } masker)
                    continue;
                maskers[i] = masker;
                names[i] = $"{target.Relation.Name}.{target.Column}";
                wanted[i] = true;
            }
        }

        var isLookedInto = wanted.Contains(true) && statement.Copy is not null;
        var scanner = isLookedInto ? CopyInScanner.Create(CopyMasker.OptionsOf(statement.Copy!, statement), wanted, MaxField) : null;
        return new CopyInCheck(scanner, maskers, names, statement.Copy?.Kind == CopyFormatKind.Binary);
    }

    /// <summary>Takes the next piece of the data. What the client is told when it holds a mask; null when it goes on.</summary>
    public Diagnostic? Look(ReadOnlySpan<byte> data)
    {
        while (_scanner is not null && _scanner.MoveNext(ref data))
        {
            if (IsMask())
                return Refusal();
        }

        return null;
    }

    /// <summary>The same of the last field, which the end of the data ends.</summary>
    public Diagnostic? End() => _scanner is not null && _scanner.MoveToEnd() && IsMask() ? Refusal() : null;

    private bool IsMask()
    {
        if (_scanner!.IsNull || _maskers[_scanner.Column] is not { } masker)
            return false;
        var value = _scanner.Value;
        if (!_isBinary)
            return masker.RecognizesIn(value);
        if (BinaryArray.TryRead(value, out var array))
        {
            foreach (var element in array.Elements)
            {
                if (!element.IsNull && masker.RecognizesIn(element.Value))
                    return true;
            }
        }

        // jsonb: a version, then the text.
        return masker.RecognizesIn(value is [1, ..] ? value[1..] : value);
    }

    private Diagnostic Refusal() =>
        Diagnostic.Error(
            SqlStates.InsufficientPrivilege,
            $"weir: denied: COPY {(_isBinary ? "row" : "line")} {_scanner!.Line}: the value for {_names[_scanner.Column]} is what its mask shows, not the value itself") with
        {
            Hint = "Leave the column out of the COPY: writing the mask back would destroy the real value. Nothing was written.",
        };
}
