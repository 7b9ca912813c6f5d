using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Detection;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;
using Weir.Sql.Catalog;

namespace Weir.Agent.Masking;

/// <summary>Masks the rows of one COPY TO STDOUT. Lives as long as that COPY.</summary>
internal sealed class CopyMasker
{
    private readonly ColumnAction[] _actions;
    private readonly DetectorSet _detectors;
    private readonly CopyFormatOptions _options;
    private readonly int _columnCount;
    private readonly MessageWriter _scratch = new(256);
    private bool _isFirst = true;

    private CopyMasker(ColumnAction[] actions, DetectorSet detectors, CopyFormatOptions options, int columnCount, ColumnsTemplate? columns)
    {
        Columns = columns;
        _actions = actions;
        _detectors = detectors;
        _options = options;
        _columnCount = columnCount;
    }

    /// <summary>For the recording; null when no column is masked by a rule that names it.</summary>
    public ColumnsTemplate? Columns { get; }

    /// <param name="response">The server's CopyOutResponse.</param>
    /// <returns>Null when the rows pass as they are.</returns>
    /// <exception cref="ProtocolViolationException">The layout of the data is not known, so it can't be masked.</exception>
    public static CopyMasker? Create(SessionPolicy policy, MaskingPlan masking, StatementAnalysis statement, CatalogSnapshot? catalog, CopyResponseBody response)
    {
        var isBinary = response.Format == FormatCode.Binary;
        var actions = new List<ColumnAction>();
        var masked = new MaskedColumn[response.ColumnCount];
        for (var i = 0; i < response.ColumnCount; i++)
        {
            // COPY names no origins and no types. Values of which the catalog does not tell the type are masked as text, and in binary, where that would not
            // be valid, become NULL.
            var planned = policy.HasMasking ? masking.Reconcile(i, null, null) : null;
            var masker = planned is null ? null : policy.MaskerFor(planned.Mask);
            if (planned is null && policy.Detectors.IsEmpty)
                continue;
            if (planned is not null)
                masked[i] = new MaskedColumn(planned.Mask.Rule, AnswerPlanner.NameOf(planned.Layer));
            if (TypeOf(statement, catalog, i) is { } type)
                actions.Add(ColumnAction.Of(i, masker, type, isBinary));
            else
                actions.Add(new ColumnAction(i, masker, isBinary ? ValueKind.Other : ValueKind.Text, 0, IsArray: false, isBinary));
        }

        if (actions.Count == 0)
            return null;
        if (masking.HasMasks && statement is { IsLineageProvable: true, ResultColumns.IsDefault: false } && statement.ResultColumns.Length != response.ColumnCount)
            throw new ProtocolViolationException("COPY with another number of columns than known");
        if (statement.Copy is not { } format || isBinary != (format.Kind == CopyFormatKind.Binary))
            throw new ProtocolViolationException("the layout of the COPY is not known");
        string[] names = statement.ResultColumns.IsDefault ? [] : [.. statement.ResultColumns.Select(c => c.Name)];
        var isMasked = masked.AsSpan().ContainsAnyExcept(default(MaskedColumn));
        return new CopyMasker(
            [.. actions], policy.Detectors, OptionsOf(format, statement), response.ColumnCount, isMasked ? ColumnsTemplate.OfCopy(names, masked, (short)response.Format) : null);
    }

    /// <summary>Appends the masked CopyData message.</summary>
    /// <exception cref="ProtocolViolationException">The data is not laid out as the statement said; nothing is appended.</exception>
    public void Mask(RowMasker masker, ReadOnlySpan<byte> data, MessageWriter output)
    {
        var before = output.Length;
        try
        {
            var message = CopyData.Begin(output);
            if (_options.Format == Weir.Protocol.Postgres.Copy.CopyFormat.Binary)
                MaskTuples(masker, data, output);
            else
                MaskRows(masker, data, output);
            output.EndMessage(message);
            _isFirst = false;
        }
        catch
        {
            output.Truncate(before);
            throw;
        }
    }

    private void MaskRows(RowMasker masker, ReadOnlySpan<byte> data, MessageWriter output)
    {
        var isHeader = _isFirst && _options.HasHeader;
        for (var rest = data; !rest.IsEmpty;)
        {
            var row = CopyRowRewriter.Begin(output, rest, _options, _scratch);
            foreach (var action in isHeader ? [] : _actions)
            {
                if (!row.MoveTo(action.Column) || row.IsNull)
                    continue;
                switch (masker.Mask(action, _detectors, row.Value))
                {
                    case ValueOutcome.Replace:
                        row.Replace(masker.Result);
                        break;
                    case ValueOutcome.Null:
                        row.ReplaceWithNull();
                        break;
                }
            }

            rest = row.End();
            if (row.FieldCount != _columnCount)
                throw new ProtocolViolationException("COPY row has another number of columns than announced");
            isHeader = false;
        }
    }

    private void MaskTuples(RowMasker masker, ReadOnlySpan<byte> data, MessageWriter output)
    {
        var rest = data;
        if (_isFirst)
        {
            var header = CopyBinary.ReadHeader(rest);
            output.WriteBytes(rest[..header]);
            rest = rest[header..];
        }

        while (!rest.IsEmpty)
        {
            if (CopyBinary.IsTrailer(rest))
            {
                output.WriteBytes(rest);
                return;
            }

            var tuple = TupleRewriter.Begin(output, rest);
            if (tuple.FieldCount != _columnCount)
                throw new ProtocolViolationException("COPY row has another number of columns than announced");
            foreach (var action in _actions)
            {
                if (!tuple.MoveTo(action.Column) || tuple.Current.IsNull)
                    continue;
                switch (masker.Mask(action, _detectors, tuple.Current.Value))
                {
                    case ValueOutcome.Replace:
                        tuple.Replace(masker.Result);
                        break;
                    case ValueOutcome.Null:
                        tuple.ReplaceWithNull();
                        break;
                }
            }

            rest = rest[tuple.End()..];
        }
    }

    /// <summary>The type of a column that is copied unchanged; null when it isn't known.</summary>
    private static Weir.Sql.Catalog.ValueType? TypeOf(StatementAnalysis statement, CatalogSnapshot? catalog, int column)
    {
        if (catalog is null || statement.ResultColumns.IsDefault || column >= statement.ResultColumns.Length || statement.ResultColumns[column] is not { IsIdentity: true } result)
            return null;
        Weir.Sql.Catalog.ValueType? common = null;
        foreach (var source in result.Sources)
        {
            if (catalog.FindType(source.Relation, source.Column) is not { } type || (common is { } other && (other.Oid, other.IsArray) != (type.Oid, type.IsArray)))
                return null;
            common = common is { } last && last.MaxLength > 0 && (type.MaxLength == 0 || last.MaxLength < type.MaxLength) ? last : type;
        }

        return common;
    }

    /// <summary>How the data of the statement's COPY is laid out.</summary>
    /// <exception cref="ProtocolViolationException">Not known.</exception>
    public static CopyFormatOptions OptionsOf(Weir.Policy.Analysis.CopyFormat format, StatementAnalysis statement)
    {
        if (format.Kind == CopyFormatKind.Binary)
            return CopyFormatOptions.Binary;
        if (format.Delimiter.Length != 1)
            throw new ProtocolViolationException("the delimiter of the COPY is not known");
        if (format.Kind == CopyFormatKind.Text)
            return CopyFormatOptions.Text(format.Delimiter[0], format.NullText, format.Header);
        var forced = new List<int>();
        var all = false;
        foreach (var name in format.ForceQuote)
        {
            all |= name == "*";
            for (var i = 0; i < (statement.ResultColumns.IsDefault ? 0 : statement.ResultColumns.Length); i++)
            {
                if (statement.ResultColumns[i].Name == name)
                    forced.Add(i);
            }
        }

        return CopyFormatOptions.Csv(format.Delimiter[0], format.NullText, format.Quote, format.Escape, format.Header, all, [.. forced]);
    }
}
