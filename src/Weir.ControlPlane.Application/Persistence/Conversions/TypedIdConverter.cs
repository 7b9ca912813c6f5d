using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Weir.ControlPlane.Domain;

namespace Weir.ControlPlane.Application.Persistence.Conversions;

internal sealed class TypedIdConverter<T>() : ValueConverter<T, Guid>(id => id.Value, value => From(value))
    where T : struct, ITypedId<T>
{
    // An expression tree can't call a static abstract member itself.
    private static T From(Guid value) => T.From(value);
}
