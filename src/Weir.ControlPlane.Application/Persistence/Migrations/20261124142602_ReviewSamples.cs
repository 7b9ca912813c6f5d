using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Weir.ControlPlane.Application.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ReviewSamples : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "samples",
                table: "reviews",
                type: "jsonb",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "samples",
                table: "reviews");
        }
    }
}
