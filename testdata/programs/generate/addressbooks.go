package main

import (
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// utf16 is what Windows calls Unicode: little endian, with a mark.
var utf16 = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)

// addressBooks are the programs that people write mail with.
func addressBooks() []file {
	return []file{
		{
			name: "google-2024.csv", program: "Google Contacts (2024)", end: "\n",
			usual: map[string]string{"Labels": "* myContacts"},
			rows: []row{
				{
					"First Name": "Łukasz", "Last Name": "Zieliński", "Organization Name": "Zieliński Software", "Organization Title": "Developer",
					"Photo": "https://images.example.net/contacts/lz=s100", "Labels": "Contractors ::: * myContacts",
					"E-mail 1 - Label": "* Work", "E-mail 1 - Value": "lukasz@zielinski-software.example.com",
					"E-mail 2 - Label": "Home", "E-mail 2 - Value": "lukasz.private@example.org",
					"Phone 1 - Label": "* Work", "Phone 1 - Value": "+44 20 7946 0101", "Phone 2 - Label": "Mobile", "Phone 2 - Value": "+44 7700 900101",
					"Phone 3 - Label": "Home", "Phone 3 - Value": "+44 20 7946 0199",
					"Address 1 - Label": "Work", "Address 1 - Formatted": "ul. Przykładowa 1\n00-001 Warszawa\nPL", "Address 1 - City": "Warszawa",
					"Website 1 - Label": "Work", "Website 1 - Value": "https://zielinski-software.example.com",
				},
				{
					"First Name": "美咲", "Last Name": "田中", "Phonetic First Name": "みさき", "Phonetic Last Name": "たなか", "Organization Name": "田中デザイン",
					"Birthday": "1988-04-12", "Notes": "翻訳者、\"急ぎ\" の仕事も可",
					"E-mail 1 - Label": "* ", "E-mail 1 - Value": "misaki@tanaka-design.example.org", "Phone 1 - Label": "Mobile", "Phone 1 - Value": "+1 212-555-0113",
				},
				{
					"First Name": "Nuria", "Last Name": "Núñez Peña", "E-mail 1 - Label": "* Other", "E-mail 1 - Value": "nuria@example.net",
					"Custom Field 1 - Label": "Vendor no.", "Custom Field 1 - Value": "V-0031",
				},
				{
					"First Name": "Olu", "Last Name": "Adeyemi", "E-mail 1 - Label": "* Work",
					"E-mail 1 - Value": "olu@adeyemi.example.com ::: olu.adeyemi@example.org",
					"Phone 1 - Label":  "Work", "Phone 1 - Value": "+1 212-555-0114 ::: +1 212-555-0115",
				},
			},
		},
		{
			name: "google-before-2024.csv", program: "Google Contacts (before 2024)", charset: utf16, end: "\n",
			usual: map[string]string{"Group Membership": "* myContacts"},
			rows: []row{
				{
					"Name": "Björn Åkesson", "Given Name": "Björn", "Family Name": "Åkesson", "Group Membership": "* myContacts ::: Freelancer",
					"E-mail 1 - Type": "* Work", "E-mail 1 - Value": "bjorn@akesson.example.com", "E-mail 2 - Type": "Home", "E-mail 2 - Value": "bjorn@example.org",
					"Phone 1 - Type": "Work", "Phone 1 - Value": "+49 30 23125 101", "Phone 2 - Type": "Mobile", "Phone 2 - Value": "+49 171 3920001",
					"Organization 1 - Type": "", "Organization 1 - Name": "Åkesson & Söner", "Organization 1 - Title": "Owner",
					"Website 1 - Type": "Profile", "Website 1 - Value": "https://social.example.com/bjorn", "Notes": "met at the fair,\nlikes \"fika\"",
				},
				{
					"Name": "王 小明", "Given Name": "小明", "Family Name": "王", "E-mail 1 - Type": "*", "E-mail 1 - Value": "xiaoming.wang@example.net",
					"Photo": "https://images.example.net/photos/xm.jpg", "Organization 1 - Name": "示例科技有限公司",
				},
				{
					"Name": "Zoë O’Brien", "Given Name": "Zoë", "Family Name": "O’Brien", "E-mail 1 - Type": "* Other", "E-mail 1 - Value": "zoe.obrien@example.com",
					"Phone 1 - Type": "Mobile", "Phone 1 - Value": "+44 7700 900102",
				},
			},
		},
		{
			name: "outlook-english.csv", program: "Outlook (desktop)", charset: charmap.Windows1252, quote: valuesOnly,
			usual: map[string]string{
				"Anniversary": "0/0/00", "Birthday": "0/0/00", "Gender": "Unspecified", "Priority": "Normal", "Private": "False", "Sensitivity": "Normal", "E-mail Type": "SMTP",
			},
			rows: []row{
				{
					"Title": "Ms.", "First Name": "Amélie", "Last Name": "Hart", "Company": "Harborline Freight, Inc.", "Job Title": "Broker",
					"Business Street": "1 Harbor Way\r\nSuite 200", "Business City": "Baltimore", "Business Phone": "(410) 555-0101", "Mobile Phone": "(410) 555-0102", "Home Phone": "(410) 555-0103",
					"E-mail Address": "amelie.hart@harborline.example.com", "E-mail Display Name": "Amélie Hart (amelie.hart@harborline.example.com)",
					"Government ID Number": "000-12-3456", "Notes": "Prefers \"calls\" before 10,\r\nnever on Fridays.", "Web Page": "https://harborline.example.com",
				},
				{
					"First Name": "Renée", "Last Name": "D’Souza–Wright", "Company": "Café Olé", "E-mail Address": "renee@cafe-ole.example.net",
					"E-mail 2 Address": "renee.home@example.org", "Birthday": "5/12/1984", "User 1": "gate code 12", "Categories": "Caterers",
				},
				{
					"First Name": "Sam", "Last Name": "Ölund", "Company": "Contoso Sample", "E-mail Type": "EX", "E-mail Display Name": "Sam Ölund",
					"E-mail Address": "/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=0a1b2c-solund",
				},
			},
		},
		{
			name: "outlook-com.csv", program: "Outlook.com", mark: true,
			rows: []row{
				{
					"First Name": "Siân", "Last Name": "Prŷs-Jones", "E-mail Address": "sian@prys-jones.example.com", "Business Phone": "+44 20 7946 0111", "Mobile Phone": "+44 7700 900111",
					"Company": "Prŷs & Co, Ltd", "Personal Web Page": "https://sian.example.org", "Web Page": "https://prys-jones.example.com", "Birthday": "1979-02-28",
				},
				{"First Name": "志強", "Last Name": "陳", "E-mail Address": "chen@example.net", "Company": "範例公司", "Mobile Phone": "+1 415-555-0112"},
				{"First Name": "Ana", "Last Name": "Gómez", "E-mail Address": "ana.gomez@example.org", "E-mail 2 Address": "ana@gomez.example.com", "Notes": "from the agency"},
			},
		},
		{
			name: "windows-live-mail.csv", program: "Windows Live Mail", charset: charmap.Windows1252,
			rows: []row{
				{
					"First Name": "Frédérique", "Last Name": "Noël", "Name": "Frédérique Noël", "E-mail Address": "frederique@noel.example.com", "Mobile Phone": "+33 6 39 98 01 01",
					"Business Phone": "+33 1 99 00 01 01", "Company": "Noël & Fils", "Business Web Page": "https://noel.example.com", "Personal Web Page": "https://frederique.example.org",
				},
				{"First Name": "Jörg", "Last Name": "Groß", "Name": "Jörg Groß", "Nickname": "Jogi", "E-mail Address": "joerg.gross@example.net", "Home Phone": "+49 30 23125 111"},
				{"First Name": "Inês", "Last Name": "Simões", "Name": "Inês Simões", "E-mail Address": "ines@simoes.example.org"},
			},
		},
		{
			name: "windows-live-mail-french.csv", program: "Windows Live Mail (French)", charset: charmap.Windows1252, comma: ";",
			rows: []row{
				{
					"Prénom": "Gaël", "Nom": "Lefèvre", "Nom/2": "Gaël Lefèvre", "Adresse de messagerie": "gael@lefevre.example.com", "Téléphone mobile": "+33 6 39 98 01 02",
					"Téléphone professionnel": "+33 1 99 00 01 02", "Société": "Lefèvre Élagage", "Page Web (bureau)": "https://lefevre.example.com",
				},
				{"Prénom": "Maïté", "Nom": "Etcheverry", "Nom/2": "Maïté Etcheverry", "Adresse de messagerie": "maite@example.org"},
				{"Prénom": "Loïc", "Nom": "Le Bœuf", "Nom/2": "Loïc Le Bœuf", "Adresse de messagerie": "loic@lebœuf.example.net"},
			},
		},
		{
			name: "thunderbird.csv", program: "Thunderbird",
			rows: []row{
				{
					"First Name": "Jürgen", "Last Name": "Weiß", "Display Name": "Jürgen Weiß", "Primary Email": "juergen.weiss@nordlicht.example.org", "Secondary Email": "jw@example.net",
					"Work Phone": "+49 (0)30 23125 121", "Mobile Number": "+49 171 3920021", "Organization": "Nordlicht GmbH",
					"Web Page 1": "https://nordlicht.example.org", "Web Page 2": "https://juergen.example.com", "Notes": "Übersetzer; rechnet \"monatlich\" ab",
				},
				{"First Name": "Aoife", "Last Name": "Ní Bhriain", "Display Name": "Aoife Ní Bhriain", "Primary Email": "aoife@nibhriain.example.com", "Home Phone": "+44 20 7946 0121"},
				{"First Name": "Šárka", "Last Name": "Dvořák", "Display Name": "Šárka Dvořák", "Primary Email": "sarka@example.net", "Custom 1": "NDA signed"},
			},
		},
		{
			name: "yahoo.csv", program: "Yahoo Contacts", quote: always,
			rows: []row{
				{
					"First": "Chloé", "Last": "O'Hara", "Email": "chloe@ohara.example.com", "Home": "212-555-0131", "Work": "212-555-0132", "Mobile": "212-555-0133",
					"Business Website": "https://ohara.example.com", "Personal Website": "https://chloe.example.org", "Title": "Photographer", "Company": "O'Hara \"Light\" Studio", "Birthday": "3/4/1990",
				},
				{"First": "Mateus", "Middle": "da", "Last": "Conceição", "Email": "mateus@example.net", "Comments": "paid by PayPal"},
				{"First": "Priya", "Last": "Raman", "Nickname": "Pri", "Email": "priya.raman@example.org", "Mobile": "212-555-0134"},
			},
		},
	}
}
