namespace Weir.Agent.Masking;

/// <summary>What becomes of one value.</summary>
internal enum ValueOutcome
{
    Keep,
    Replace,
    Null,
}
