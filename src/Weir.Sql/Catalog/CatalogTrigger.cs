namespace Weir.Sql.Catalog;

/// <param name="Type">pg_trigger.tgtype: bit 2 INSERT, 3 DELETE, 4 UPDATE, 5 TRUNCATE, 6 INSTEAD OF.</param>
/// <param name="Definition">The CREATE TRIGGER statement.</param>
internal sealed record CatalogTrigger(string Name, uint Function, int Type, string Definition)
{
    public bool OnInsert => (Type & 4) != 0;

    public bool OnDelete => (Type & 8) != 0;

    public bool OnUpdate => (Type & 16) != 0;

    public bool OnTruncate => (Type & 32) != 0;

    public bool IsInsteadOf => (Type & 64) != 0;

    /// <summary>It may be put off to the end of the transaction.</summary>
    public bool IsDeferrable => Definition.Contains(" DEFERRABLE INITIALLY ", StringComparison.Ordinal) && !Definition.Contains(" NOT DEFERRABLE INITIALLY ", StringComparison.Ordinal);
}
