// Generate writes samples/migration-1000.csv to standard output: a thousand
// invented guests, all of them valid, as a company that moves from another
// system would have them.
//
//	go run ./samples/generate > samples/migration-1000.csv
//
// Every cell follows from the number of its row, so each run writes the same
// bytes.
package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"
)

const rows = 1000

var header = []string{
	"email", "first_name", "last_name", "company_name", "phone_1", "phone_2", "timezone", "status",
	"company_url", "contact_url", "image_url", "opportunity_url", "opportunity_name",
	"external_sync_source", "external_date_creation",
}

func main() {
	if err := write(os.Stdout); err != nil {
		log.Fatalf("write the sample: %v", err)
	}
}

func write(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	for i := range rows {
		if err := out.Write(row(i)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// row returns the cells of row i, counted from 0, in the order of the header.
func row(i int) []string {
	// Each of the 10 countries meets its 10 first and 10 last names in all 100
	// pairs, each pair once.
	country := countries[i%10]
	n := i / 10
	first, firstInEmail := pick(country.first, n%10)
	last, lastInEmail := pick(country.last, (n+n/10)%10)
	company := companies[(n+3*i)%len(companies)]
	email := firstInEmail + "." + lastInEmail + "@" + company.site

	if i%50 == 49 { // someone of whom only the address is known
		cells := make([]string, len(header))
		cells[0] = email
		return cells
	}

	mix := i + n // what is given must not follow the countries, which repeat every 10 rows
	created := time.Date(2019, time.January, 7, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * (61*time.Hour + 17*time.Second))
	return []string{
		email,
		first,
		last,
		company.name + country.suffix,
		when(mix%6 != 5, fmt.Sprintf(country.phone, n)),
		when(mix%3 == 0, fmt.Sprintf(country.phone, (n+50)%100)),
		when(mix%7 != 6, country.zone),
		statuses[mix%len(statuses)],
		when(mix%4 != 1, "https://"+company.site),
		when(mix%2 == 0, fmt.Sprintf("https://crm.example.com/contacts/003%06d", i)),
		when(mix%5 == 2, fmt.Sprintf("https://images.example.net/people/%06d.jpg?size=200", i)),
		when(mix%3 == 1, fmt.Sprintf("https://crm.example.com/opportunities/006%06d?tab=notes&lang=en#latest", i)),
		when(mix%3 != 2, opportunities[mix%len(opportunities)]),
		when(mix%5 < 3, "salesforce"),
		when(mix%5 < 3, created.Format(time.DateTime)),
	}
}

// pick returns the n-th name of a country's list and its spelling in an email
// address.
func pick(list string, n int) (name, inEmail string) {
	name, inEmail, _ = strings.Cut(strings.Split(list, ", ")[n], "/")
	return name, inEmail
}

// when returns the value where the row has it, else an empty cell.
func when(has bool, value string) string {
	if has {
		return value
	}
	return ""
}
