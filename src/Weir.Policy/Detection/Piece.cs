namespace Weir.Policy.Detection;

/// <summary>A found piece of a value, in bytes.</summary>
internal readonly record struct Piece(int Start, int End);
