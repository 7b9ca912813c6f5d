using System.Collections.Immutable;

namespace Weir.Sql.Analysis.Lineages;

/// <summary>The fields of a row value, all of them and in order.</summary>
internal sealed record RowShape(ImmutableArray<OutputColumn> Fields)
{
    public RowShape? Or(RowShape other)
    {
        if (other.Fields.Length != Fields.Length)
            return null;
        var fields = ImmutableArray.CreateBuilder<OutputColumn>(Fields.Length);
        for (int i = 0; i < Fields.Length; i++)
            fields.Add(Fields[i] with { Lineage = Fields[i].Lineage.Or(other.Fields[i].Lineage) });
        return new RowShape(fields.MoveToImmutable());
    }

    public Lineage? Field(string name)
    {
        foreach (OutputColumn field in Fields)
        {
            if (field.Name == name)
                return field.Lineage;
        }

        return null;
    }
}
