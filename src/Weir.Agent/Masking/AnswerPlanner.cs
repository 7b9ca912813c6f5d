using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Sql.Catalog;
using ValueType = Weir.Sql.Catalog.ValueType;

namespace Weir.Agent.Masking;

/// <summary>
/// Makes the plan of an answer from three lines of defence: the statement's lineage, the origin that RowDescription names (table oid and
/// attribute number, looked up in the catalog), and content detection where neither found anything.
/// </summary>
internal static class AnswerPlanner
{
    /// <param name="description">Body of the RowDescription.</param>
    /// <param name="temporary">Oids of the session's temporary tables: what their columns hold is the lineage's business.</param>
    /// <param name="formats">Result formats of the Bind; null when the description itself has them.</param>
    /// <param name="hasUnknownOrigin">Some column comes from a relation that the catalog does not know: it has to be read again.</param>
    public static AnswerPlan Plan(SessionPolicy policy, MaskingPlan masking, CatalogSnapshot? catalog, IReadOnlySet<uint> temporary, ReadOnlySpan<byte> description, short[]? formats, out bool hasUnknownOrigin)
    {
        hasUnknownOrigin = false;
        var read = RowDescription.Read(description);
        var actions = new List<ColumnAction>();
        var masked = new MaskedColumn[read.FieldCount];
        var index = 0;
        foreach (var field in read.Fields)
        {
            var planned = Find(policy, masking, catalog, temporary, index, field, ref hasUnknownOrigin);
            var type = TypeOf(catalog, field);
            var isBinary = FormatOf(field, formats, index) == FormatCode.Binary;
            if (planned is not null)
            {
                actions.Add(ColumnAction.Of(index, policy.MaskerFor(planned.Mask), type, isBinary));
                masked[index] = new MaskedColumn(planned.Mask.Rule, NameOf(planned.Layer));
            }
            else if (!policy.Detectors.IsEmpty && ValueKinds.Of(type.Oid) is ValueKind.Text or ValueKind.Json or ValueKind.Other)
            {
                actions.Add(ColumnAction.Of(index, null, type, isBinary));
            }

            index++;
        }

        var isMasked = masked.AsSpan().ContainsAnyExcept(default(MaskedColumn));
        return new AnswerPlan([.. actions], read.FieldCount, ColumnsTemplate.Create(description, isMasked ? masked : [], formats));
    }

    private static PlannedMask? Find(SessionPolicy policy, MaskingPlan masking, CatalogSnapshot? catalog, IReadOnlySet<uint> temporary, int index, FieldDescription field, ref bool hasUnknownOrigin)
    {
        if (!policy.HasMasking)
            return null;
        if (field.TableOid == 0 || temporary.Contains(field.TableOid))
            return masking.Reconcile(index, null, null);
        QualifiedName relation = default;
        // System columns (negative numbers: ctid, xmin …) have no names in the catalog and no masks.
        var column = field.AttributeNumber <= 0 ? "" : catalog?.FindColumn(field.TableOid, field.AttributeNumber);
        if (column is null || catalog is null || !catalog.TryFindRelation(field.TableOid, out relation))
        {
            hasUnknownOrigin = true;
            return masking.ReconcileUnknownOrigin(index);
        }

        return masking.Reconcile(index, relation, column);
    }

    private static ValueType TypeOf(CatalogSnapshot? catalog, FieldDescription field)
    {
        if (ValueKinds.TryGetElementType(field.TypeOid, out var element) && catalog is null)
            return new ValueType(element, IsArray: true, 0, []);
        return catalog?.TypeOf(field.TypeOid, field.TypeModifier) ?? new ValueType(field.TypeOid, IsArray: false, 0, []);
    }

    private static FormatCode FormatOf(FieldDescription field, short[]? formats, int index) => formats switch
    {
        null => field.Format,
        [] => FormatCode.Text,
        [var one] => (FormatCode)one,
        _ => index < formats.Length ? (FormatCode)formats[index] : FormatCode.Text,
    };

    /// <summary>The layer as it is recorded.</summary>
    public static string NameOf(MaskLayer layer) => layer switch
    {
        MaskLayer.Origin => "origin",
        MaskLayer.Unprovable => "unprovable",
        _ => "lineage",
    };
}
