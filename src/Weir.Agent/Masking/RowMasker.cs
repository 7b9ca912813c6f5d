using Weir.Policy.Detection;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Values;

namespace Weir.Agent.Masking;

/// <summary>
/// Rewrites the values of rows as a plan says. What can't be masked in its own type becomes NULL: never the value itself. Not thread-safe:
/// the scratch buffers are reused.
/// </summary>
internal sealed class RowMasker
{
    [ThreadStatic]
    private static RowMasker? _current;

    private readonly MessageWriter _masked = new(256);
    private readonly MessageWriter _element = new(256);
    private readonly MessageWriter _text = new(256);
    private readonly MessageWriter _scratch = new(256);

    /// <summary>That of this thread, for whoever masks rows within one call: a session needs none of its own.</summary>
    public static RowMasker Current => _current ??= new RowMasker();

    /// <summary>What rewrites the rows if no value has to be looked at; null if one has.</summary>
    public static FixedRowRewriter? TryFix(ColumnAction[] actions, int fieldCount)
    {
        if (actions.Length == 0 || !Array.TrueForAll(actions, action => !action.IsArray && action.Masker?.IsFixed(action.Kind) == true))
            return null;
        return new FixedRowRewriter(fieldCount, Array.ConvertAll(actions, action => action.Column), Array.ConvertAll(actions, FixedValue));
    }

    /// <summary>Appends the masked DataRow.</summary>
    /// <exception cref="ProtocolViolationException">The row is malformed or has another number of columns than announced; nothing is appended.</exception>
    public void MaskRow(AnswerPlan plan, DetectorSet detectors, ReadOnlySpan<byte> body, MessageWriter output)
    {
        if (plan.Fixed is { } fixedRows)
            output.Advance(fixedRows.Rewrite(body, output.GetSpan(fixedRows.MaxLength(body.Length))));
        else
            MaskValues(plan.Actions, plan.FieldCount, detectors, body, output);
    }

    /// <summary>The same, value by value.</summary>
    /// <inheritdoc cref="MaskRow" path="/exception"/>
    public void MaskValues(ColumnAction[] actions, int fieldCount, DetectorSet detectors, ReadOnlySpan<byte> body, MessageWriter output)
    {
        var before = output.Length;
        try
        {
            var rewriter = DataRowRewriter.Begin(output, body);
            if (rewriter.FieldCount != fieldCount)
                throw new ProtocolViolationException("row has another number of columns than its description");
            foreach (var action in actions)
            {
                if (!rewriter.MoveTo(action.Column) || rewriter.Current.IsNull)
                    continue;
                switch (Mask(action, detectors, rewriter.Current.Value))
                {
                    case ValueOutcome.Replace:
                        rewriter.Replace(_masked.Written);
                        break;
                    case ValueOutcome.Null:
                        rewriter.ReplaceWithNull();
                        break;
                }
            }

            rewriter.End();
        }
        catch
        {
            // Nothing half-masked may leave.
            output.Truncate(before);
            throw;
        }
    }

    /// <summary>Masks one value; on <see cref="ValueOutcome.Replace"/> the result is <see cref="Result"/>.</summary>
    public ValueOutcome Mask(ColumnAction action, DetectorSet detectors, ReadOnlySpan<byte> value)
    {
        _masked.Clear();
        if (action.IsArray)
            return action.IsBinary ? MaskBinaryArray(action, detectors, value) : MaskTextArray(action, detectors, value);
        return MaskScalar(action, detectors, value, _masked);
    }

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Result => _masked.Written;

    private static byte[]? FixedValue(ColumnAction action)
    {
        var text = new MessageWriter(64);
        if (MaskText(action, DetectorSet.Empty, default, text) != ValueOutcome.Replace)
            return null;
        if (!action.IsBinary || BinaryValue.IsTextLike(action.TypeOid))
            return text.Written.ToArray();
        var binary = new MessageWriter(64);
        return BinaryValue.TryWriteBinary(action.TypeOid, text.Written, binary) ? binary.Written.ToArray() : null;
    }

    private ValueOutcome MaskScalar(ColumnAction action, DetectorSet detectors, ReadOnlySpan<byte> value, MessageWriter output)
    {
        if (!action.IsBinary || BinaryValue.IsTextLike(action.TypeOid))
            return MaskText(action, detectors, value, output);
        _text.Clear();
        _scratch.Clear();
        if (!action.Labels.IsEmpty)
            return MaskLabel(action, value, output);
        if (!BinaryValue.TryWriteText(action.TypeOid, value, _text))
        {
            // The text in it is found all the same (composites, types of extensions); what stands in its place would have to be a value of the type.
            return action.Masker is null && !detectors.TryMask(value, _scratch) ? ValueOutcome.Keep : ValueOutcome.Null;
        }

        _scratch.Clear();
        var outcome = MaskText(action, detectors, _text.Written, _scratch);
        if (outcome != ValueOutcome.Replace)
            return outcome;
        return BinaryValue.TryWriteBinary(action.TypeOid, _scratch.Written, output) ? ValueOutcome.Replace : ValueOutcome.Null;
    }

    private static ValueOutcome MaskText(ColumnAction action, DetectorSet detectors, ReadOnlySpan<byte> value, MessageWriter output)
    {
        if (action.Masker is null)
            return detectors.TryMask(value, output) ? ValueOutcome.Replace : ValueOutcome.Keep;
        if (!action.Labels.IsEmpty)
            return MaskLabel(action, value, output);
        var start = output.Length;
        if (action.Masker.Mask(value, action.Kind, output) != MaskResult.Written)
            return ValueOutcome.Null;
        if (action.MaxLength > 0 && output.Length - start > action.MaxLength)
            output.Truncate(start + Utf8Length.Of(output.Written[start..], action.MaxLength));
        else if (action.TypeOid == TypeOids.Xml)
            WithoutMarkup(output, start);
        return ValueOutcome.Replace;
    }

    private static ValueOutcome MaskLabel(ColumnAction action, ReadOnlySpan<byte> value, MessageWriter output)
    {
        var label = action.Masker?.Pick(value, action.Labels.Length) ?? -1;
        if (label < 0)
            return action.Masker is null ? ValueOutcome.Keep : ValueOutcome.Null;
        output.WriteBytes(action.Labels[label].Span);
        return ValueOutcome.Replace;
    }

    // Text of a masked element's name or of half an element is not well-formed; plain text is.
    private static void WithoutMarkup(MessageWriter output, int start)
    {
        if (output.Written[start..].IndexOfAny("<>&"u8) < 0)
            return;
        var plain = output.Written[start..].ToArray();
        foreach (ref var octet in plain.AsSpan())
        {
            if (octet is (byte)'<' or (byte)'>' or (byte)'&')
                octet = (byte)'.';
        }

        output.Truncate(start);
        output.WriteBytes(plain);
    }

    private ValueOutcome MaskTextArray(ColumnAction action, DetectorSet detectors, ReadOnlySpan<byte> value)
    {
        try
        {
            var changed = false;
            if (action.Masker is not null && value is [(byte)'[', ..] && value.IndexOf((byte)'{') is > 0 and var brace)
            {
                // [773113:773113]={0}: bounds can hold a value that was computed.
                value = value[brace..];
                changed = true;
            }

            var array = TextArrayRewriter.Begin(_masked, value, _scratch);
            while (array.MoveNext())
            {
                if (array.IsNull)
                    continue;
                _element.Clear();
                switch (MaskText(action, detectors, array.Value, _element))
                {
                    case ValueOutcome.Replace:
                        array.Replace(_element.Written);
                        changed = true;
                        break;
                    case ValueOutcome.Null:
                        array.ReplaceWithNull();
                        changed = true;
                        break;
                }
            }

            array.End();
            return changed ? ValueOutcome.Replace : ValueOutcome.Keep;
        }
        catch (ProtocolViolationException)
        {
            return ValueOutcome.Null;
        }
    }

    private ValueOutcome MaskBinaryArray(ColumnAction action, DetectorSet detectors, ReadOnlySpan<byte> value)
    {
        if (!BinaryArray.TryRead(value, out var array))
            return ValueOutcome.Null;
        if (action.Masker is null)
            array.WriteHeader(_masked);
        else
            array.WriteHeaderFromOne(_masked);
        foreach (var element in array.Elements)
        {
            if (element.IsNull)
            {
                _masked.WriteNull();
                continue;
            }

            _element.Clear();
            switch (MaskScalar(action, detectors, element.Value, _element))
            {
                case ValueOutcome.Replace:
                    _masked.WriteValue(_element.Written);
                    break;
                case ValueOutcome.Null:
                    _masked.WriteNull();
                    break;
                default:
                    _masked.WriteValue(element.Value);
                    break;
            }
        }

        return ValueOutcome.Replace;
    }
}
