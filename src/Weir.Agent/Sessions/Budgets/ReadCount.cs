namespace Weir.Agent.Sessions.Budgets;

/// <summary>What has been returned of one result so far: of a statement, or of all the pieces that were fetched of one portal or cursor.</summary>
internal sealed class ReadCount
{
    public long Rows { get; set; }

    /// <summary>Bytes of row and COPY messages without their headers.</summary>
    public long Bytes { get; set; }
}
