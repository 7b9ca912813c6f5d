using System.Collections.Immutable;
using Weir.Policy.Documents;

namespace Weir.Policy.Masking;

/// <summary>The mask that applies to a column, and the rule it comes from.</summary>
/// <param name="Rule">Name of the masking rule.</param>
public sealed record ColumnMask(string Rule, MaskSpec Spec, MaskedUse Use, UnprovableAction Unprovable);
