using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Weir.ControlPlane.Application.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ReviewWindows : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "covered_by",
                table: "reviews",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "max_window",
                table: "reviews",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "shape_binding",
                table: "reviews",
                type: "bytea",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "shape_text",
                table: "reviews",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "window_until",
                table: "reviews",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_session_statements_organization_id_review_id",
                table: "session_statements",
                columns: new[] { "organization_id", "review_id" },
                filter: "review_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_reviews_organization_id_agent_id_window_until",
                table: "reviews",
                columns: new[] { "organization_id", "agent_id", "window_until" },
                filter: "window_until IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_session_statements_organization_id_review_id",
                table: "session_statements");

            migrationBuilder.DropIndex(
                name: "ix_reviews_organization_id_agent_id_window_until",
                table: "reviews");

            migrationBuilder.DropColumn(
                name: "covered_by",
                table: "reviews");

            migrationBuilder.DropColumn(
                name: "max_window",
                table: "reviews");

            migrationBuilder.DropColumn(
                name: "shape_binding",
                table: "reviews");

            migrationBuilder.DropColumn(
                name: "shape_text",
                table: "reviews");

            migrationBuilder.DropColumn(
                name: "window_until",
                table: "reviews");
        }
    }
}
