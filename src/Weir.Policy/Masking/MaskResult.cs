namespace Weir.Policy.Masking;

/// <summary>What a masker made of a value.</summary>
public enum MaskResult
{
    /// <summary>The masked text form was written to the output.</summary>
    Written,

    /// <summary>The value becomes NULL; nothing was written.</summary>
    Null,
}
