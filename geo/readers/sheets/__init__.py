"""Read tables and workbooks: cells, heading rows, merged cells, totals; CSV, XLSX, XLS, ODS and HTML."""
