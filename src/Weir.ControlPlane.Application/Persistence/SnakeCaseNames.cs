using Microsoft.EntityFrameworkCore;

namespace Weir.ControlPlane.Application.Persistence;

internal static class SnakeCaseNames
{
    /// <summary>Columns, keys and indexes as PostgreSQL writes them; tables are named by their configurations.</summary>
    public static void UseSnakeCaseNames(this ModelBuilder modelBuilder)
    {
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(WireName.Snake(property.GetColumnName()));
            }

            foreach (var key in entity.GetKeys())
            {
                key.SetName(WireName.Snake(key.GetName()!));
            }

            foreach (var foreignKey in entity.GetForeignKeys())
            {
                foreignKey.SetConstraintName(WireName.Snake(foreignKey.GetConstraintName()!));
            }

            foreach (var index in entity.GetIndexes())
            {
                index.SetDatabaseName(WireName.Snake(index.GetDatabaseName()!));
            }
        }
    }
}
