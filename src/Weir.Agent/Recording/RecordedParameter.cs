namespace Weir.Agent.Recording;

/// <summary>Where one parameter of a Bind lies, and how it is recorded.</summary>
/// <param name="Offset">Start of the value in <see cref="ParameterList.Source"/>, in bytes.</param>
/// <param name="Length">Length in bytes; -1 for NULL.</param>
/// <param name="IsMasked">It is compared with or written to a masked column: the value is not recorded.</param>
/// <param name="IsBinary">The value is in the binary format; recorded as base64.</param>
internal readonly record struct RecordedParameter(int Offset, int Length, bool IsMasked, bool IsBinary, uint TypeOid);
