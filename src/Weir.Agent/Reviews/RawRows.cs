namespace Weir.Agent.Reviews;

/// <summary>Some rows as the server sent them: nobody has masked them yet.</summary>
internal sealed class RawRows
{
    /// <summary>Body of the RowDescription.</summary>
    public byte[] Description { get; set; } = [];

    /// <summary>Bodies of DataRows.</summary>
    public List<byte[]> Rows { get; } = [];
}
